#pragma once

#include <string>

#include "asgi/asgi.hpp"
#include "probe.hpp"

/// What probing applications for WebSockets are made of.

/// The name of an event and what is in it: "websocket.connect", "websocket.receive text 'Hello'",
/// "websocket.receive bytes ''", "websocket.disconnect 1000 'reason'".
std::string websocket_name_of(const asgi::ReceiveEvent& event);

/// Receives one event, and writes it down.
asgi::awaitable<void> note_event(Journal& journal, asgi::Receive receive);

/// Receives websocket.connect and sends websocket.accept.
asgi::awaitable<void> accept(asgi::Receive receive, asgi::Send send);

/// Receives up to websocket.disconnect, and writes down each event.
asgi::awaitable<void> note_to_end(Journal& journal, asgi::Receive receive);

/// Sends a text.
asgi::awaitable<void> send_text(asgi::Send send, std::string text);

/// Sends back all messages up to websocket.disconnect.
asgi::awaitable<void> echo(asgi::Receive receive, asgi::Send send);
