#pragma once

#include "asgi/asgi.hpp"

/// The demo: one small application for each path, and the dispatcher that chooses among them.
asgi::App demo();
