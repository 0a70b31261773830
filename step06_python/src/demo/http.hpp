#pragma once

#include "asgi/asgi.hpp"

/// The demo's answers to requests: one small application for each path.
asgi::awaitable<void> http_demo(const asgi::HttpScope& scope, asgi::Receive receive,
                                asgi::Send send);
