#include "websocket_probe.hpp"

#include <utility>

using asgi::ReceiveEvent;
using asgi::WebSocketDisconnect;
using asgi::WebSocketReceive;
using asgi::WebSocketSend;

std::string websocket_name_of(const ReceiveEvent& event) {
  if (std::holds_alternative<asgi::WebSocketConnect>(event)) return "websocket.connect";
  if (const auto* const disconnect = std::get_if<WebSocketDisconnect>(&event)) {
    return "websocket.disconnect " + std::to_string(disconnect->code) + " '" + disconnect->reason +
           "'";
  }
  const auto* const message = std::get_if<WebSocketReceive>(&event);
  if (!message) return name_of(event);
  if (message->text.has_value() == message->bytes.has_value()) return "both, or neither";
  if (message->text) return "websocket.receive text '" + *message->text + "'";
  return "websocket.receive bytes '" + *message->bytes + "'";
}

awaitable<void> note_event(Journal& journal, Receive receive) {
  co_await note_received(journal, receive, websocket_name_of);
}

awaitable<void> accept(Receive receive, Send send) {
  const ReceiveEvent connect = co_await receive();
  co_await send(asgi::WebSocketAccept());
}

awaitable<void> note_to_end(Journal& journal, Receive receive) {
  ReceiveEvent event;
  while (!std::holds_alternative<WebSocketDisconnect>(event)) {
    event = co_await receive();
    journal.add(websocket_name_of(event));
  }
}

awaitable<void> send_text(Send send, std::string text) {
  co_await send(WebSocketSend::of_text(std::move(text)));
}

awaitable<void> echo(Receive receive, Send send) {
  for (;;) {
    const ReceiveEvent event = co_await receive();
    const auto* const message = std::get_if<WebSocketReceive>(&event);
    if (!message) co_return;
    if (message->text) {
      co_await send(WebSocketSend::of_text(*message->text));
    } else {
      co_await send(WebSocketSend::of_bytes(*message->bytes));
    }
  }
}
