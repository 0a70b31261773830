#pragma once

#include "asgi/asgi.hpp"

/// `app`, which serves a WebSocket, with a text to its client for all that a client does not see:
/// `request TAB` and the request, `scope TAB` and the scope, when the WebSocket is accepted; then
/// `event TAB receive` or `event TAB send`, a TAB, and each event of the application as it happens.
asgi::App show_events(asgi::App app);
