#pragma once

#include "asgi/asgi.hpp"

/// The demo's WebSockets: one small application for each path below /ws/. Others are denied.
asgi::awaitable<void> websocket_demo(const asgi::Scope& scope, asgi::Receive receive,
                                     asgi::Send send);
