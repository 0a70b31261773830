#pragma once

#include <optional>

#include "asgi/asgi.hpp"
#include "connection.hpp"
#include "http/request.hpp"
#include "options.hpp"

namespace asgi {

/// Makes the scopes of the requests on one connection.
class ScopeFactory {
 public:
  /// `options` and `state` outlive this. Of `connection` the addresses of its two ends are kept.
  ScopeFactory(const Connection& connection, const Options& options, const State& state);

  /// Puts the scope of one request into `made`: a copy of all that is in it.
  void http(const http::Request& request, std::optional<Scope>& made) const;

  /// The scope of the WebSocket that `request` asks for, likewise.
  void websocket(const http::Request& request, std::optional<Scope>& made) const;

  /// Who asks; nothing when that was gone already.
  const std::optional<Address>& client() const { return client_; }

 private:
  void fill(ConnectionScope& scope, const http::Request& request) const;

  const Options& options_;
  const State& state_;
  std::optional<Address> client_;
  std::optional<Address> server_;
};

}  // namespace asgi
