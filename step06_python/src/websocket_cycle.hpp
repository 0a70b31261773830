#pragma once

#include "asgi/asgi.hpp"
#include "connection.hpp"
#include "http/request.hpp"
#include "options.hpp"

namespace asgi {

/// Runs `app` for the WebSocket that `request` asks for, from the handshake to the end of both;
/// the connection, which stands behind the request's head, can be closed then. `scope` is that of
/// `request`. Returns the status that answered the handshake; 0: none did, for the client had gone.
/// Throws http::Error when that is to be the answer. All arguments outlive this.
awaitable<int> run_websocket(const App& app, const Scope& scope, Connection& connection,
                             const http::Request& request, const Options& options);

}  // namespace asgi
