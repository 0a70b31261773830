#pragma once

#include <functional>

#include "asgi/asgi.hpp"
#include "connection.hpp"
#include "options.hpp"

/// Changes a scope before anybody has seen it: the application, or the access log. What it shows is
/// valid until the next call for the same client.
using ChangeScope = std::function<void(asgi::Scope&)>;

/// Serves one client from its first byte to its last. The server closes the connection afterwards.
/// `options`, the application `app` and the `state` that its lifespan has left outlive this.
/// `change_scope` is called for each scope, if it is given.
awaitable<void> serve(Connection& connection, const Options& options, const asgi::App& app,
                      const asgi::State& state, ChangeScope change_scope = nullptr);
