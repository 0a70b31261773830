#pragma once

#include <asio/ip/address.hpp>
#include <string_view>
#include <vector>

#include "asgi/asgi.hpp"

/// Behind a proxy each client is the proxy, and speaks `http`. This changes a scope so that it
/// shows what the proxy reports: the client of X-Forwarded-For, the scheme of X-Forwarded-Proto.
/// Anybody can send these fields: only proxies that are trusted are believed. (They are not
/// standardised; Forwarded, of RFC 7239, is, and is rarely sent.)
///
/// Each connection has a copy: a changed scope points into it.
class ProxyHeaders {
 public:
  /// `trusted` is a list with commas: addresses, networks as 10.0.0.0/8, or * for everybody. Throws
  /// std::runtime_error when it is not.
  explicit ProxyHeaders(std::string_view trusted);

  /// Changes `scope`, if it is one of HTTP or WebSocket and its client is trusted.
  void operator()(asgi::Scope& scope);

 private:
  struct Network {
    asio::ip::address address;
    unsigned short bits;  // of the address that have to be the same
  };

  bool trusts(const asio::ip::address& address) const;
  void change(asgi::ConnectionScope& scope, const char* plain, const char* secure);
  void change_client(asgi::ConnectionScope& scope);

  bool trusts_all_ = false;
  std::vector<Network> networks_;
  asgi::Address client_;
};
