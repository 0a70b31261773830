#include "demo/show_events.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "asgi/channel.hpp"
#include "connection.hpp"
#include "utf8.hpp"

using asgi::awaitable;
using asgi::Receive;
using asgi::ReceiveEvent;
using asgi::Scope;
using asgi::Send;
using asgi::SendEvent;
using asgi::WebSocketAccept;
using asgi::WebSocketReceive;
using asgi::WebSocketScope;
using asgi::WebSocketSend;

namespace {

std::string show_request(const WebSocketScope& scope) {
  std::string text = "request\tGET ";
  text += scope.raw_path;
  if (!scope.query_string.empty()) (text += '?') += scope.query_string;
  (text += " HTTP/") += scope.http_version;
  for (const auto& [name, value] : scope.headers) ((text += '\n') += name).append(": ") += value;
  return to_valid_utf8(text);
}

std::string show_scope(const WebSocketScope& scope) {
  std::string text = "scope\ttype: websocket";
  const auto line = [&](std::string_view key, std::string_view value) {
    ((text += '\n') += key).append(": ") += value;
  };
  line("asgi.version", asgi::version);
  line("asgi.spec_version", asgi::spec_version);
  line("http_version", scope.http_version);
  line("scheme", scope.scheme);
  line("path", scope.path);
  line("raw_path", scope.raw_path);
  line("query_string", scope.query_string);
  line("root_path", scope.root_path);
  if (scope.client) line("client", scope.client->host + ' ' + std::to_string(scope.client->port));
  if (scope.server) line("server", scope.server->host + ' ' + std::to_string(scope.server->port));
  for (const std::string& name : scope.subprotocols) line("subprotocols", name);
  for (const auto& [key, value] : scope.state) line("state", key);
  for (const std::string_view name : scope.extensions) line("extensions", name);
  return text;
}

std::string show(const WebSocketReceive& message) {
  if (message.text) return "websocket.receive text: " + *message.text;
  return "websocket.receive bytes: " + std::to_string(message.bytes->size());
}

std::string show(const WebSocketSend& message) {
  if (message.is_text) return "websocket.send text: " + message.payload;
  return "websocket.send bytes: " + std::to_string(message.payload.size());
}

// Shows the events of one WebSocket to its client, between the messages of the application.
class Watch : public asgi::Relay {
 public:
  Watch(const WebSocketScope& scope, Receive receive, Send send)
      : Relay(receive, send), scope_(scope) {}

  std::optional<ReceiveEvent> poll() override {
    if (owing_) return std::nullopt;
    std::optional<ReceiveEvent> event = Relay::poll();
    const auto* const message = event ? std::get_if<WebSocketReceive>(&*event) : nullptr;
    if (message) show_received(*message);
    return event;
  }

  // The client may be slow to take what it is shown: then it has to wait with its next message.
  awaitable<void> wait() override {
    return std::exchange(owing_, false) ? Relay::settle() : Relay::wait();
  }

  bool take(SendEvent& event) override {
    const bool accepts = std::holds_alternative<WebSocketAccept>(event);
    std::string shown = accepts ? "websocket.accept" : "";
    if (const auto* const message = std::get_if<WebSocketSend>(&event)) shown = show(*message);
    Relay::take(event);
    if (accepts) {
      tell(show_request(scope_));
      tell(show_scope(scope_));
      tell("event\treceive\twebsocket.connect");
    }
    if (!shown.empty()) tell("event\tsend\t" + shown);
    return true;
  }

 private:
  void tell(std::string text) {
    SendEvent event = WebSocketSend::of_text(std::move(text));
    Relay::take(event);
  }

  // A client that has gone need not be shown what it has sent.
  void show_received(const WebSocketReceive& message) {
    try {
      tell("event\treceive\t" + show(message));
      owing_ = true;
    } catch (const Disconnected&) {
    }
  }

  const WebSocketScope& scope_;
  bool owing_ = false;  // what was told is not sent yet
};

awaitable<void> call_and_show(const asgi::App& app, const Scope& scope, Receive receive,
                              Send send) {
  Watch watch(std::get<WebSocketScope>(scope), receive, send);
  co_await app(scope, watch.receive(), watch.send());
}

}  // namespace

asgi::App show_events(asgi::App app) {
  return [app = std::move(app)](const Scope& scope, Receive receive, Send send) {
    return call_and_show(app, scope, receive, send);
  };
}
