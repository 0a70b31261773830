#pragma once

#include <optional>

#include "asgi/asgi.hpp"
#include "connection.hpp"
#include "http/request.hpp"
#include "options.hpp"

namespace asgi {

/// What the scopes of one connection are made of. All of it outlives the connection.
class ScopeFactory {
 public:
  ScopeFactory(const Connection& connection, const Options& options, const State& state);

  /// The scope of one request: a copy of all that is in it.
  Scope http(const http::Request& request) const;

  /// The scope of the WebSocket that `request` asks for, likewise.
  Scope websocket(const http::Request& request) const;

 private:
  void fill(ConnectionScope& scope, const http::Request& request) const;

  const Options& options_;
  const State& state_;
  std::optional<Address> client_;
  std::optional<Address> server_;
};

}  // namespace asgi
