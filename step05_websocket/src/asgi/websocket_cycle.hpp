#pragma once

#include "asgi/asgi.hpp"
#include "asgi/scope.hpp"
#include "connection.hpp"
#include "http/request.hpp"
#include "options.hpp"

namespace asgi {

/// Runs `app` for the WebSocket that `request` asks for, from the handshake to the end of both;
/// the connection, which stands behind the request's head, can be closed then. Throws http::Error
/// when that is to be the answer to the handshake. All arguments outlive this.
awaitable<void> run_websocket(const App& app, const ScopeFactory& scopes, Connection& connection,
                              const http::Request& request, const Options& options);

}  // namespace asgi
