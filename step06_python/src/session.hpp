#pragma once

#include "asgi/asgi.hpp"
#include "connection.hpp"
#include "options.hpp"

/// Serves one client from its first byte to its last. The server closes the connection afterwards.
/// `options`, the application `app` and the `state` that its lifespan has left outlive this.
awaitable<void> serve(Connection& connection, const Options& options, const asgi::App& app,
                      const asgi::State& state);
