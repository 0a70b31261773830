#include "show_events.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

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
  std::string text = "request\tGET " + scope.raw_path;
  if (!scope.query_string.empty()) text += '?' + scope.query_string;
  text += " HTTP/" + scope.http_version;
  for (const auto& [name, value] : scope.headers) text += '\n' + name + ": " + value;
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

// The events of one WebSocket.
class Watch {
 public:
  Watch(const WebSocketScope& scope, Receive receive, Send send)
      : scope_(scope), receive_(std::move(receive)), send_(std::move(send)) {}

  awaitable<ReceiveEvent> receive() {
    ReceiveEvent event = co_await receive_();
    const auto* const message = std::get_if<WebSocketReceive>(&event);
    if (message) co_await tell("event\treceive\t" + show(*message));
    co_return event;
  }

  awaitable<void> send(SendEvent event) {
    const bool accepts = std::holds_alternative<WebSocketAccept>(event);
    std::string shown = accepts ? "websocket.accept" : "";
    if (const auto* const message = std::get_if<WebSocketSend>(&event)) shown = show(*message);
    co_await send_(std::move(event));
    if (accepts) {
      co_await tell(show_request(scope_));
      co_await tell(show_scope(scope_));
      co_await tell("event\treceive\twebsocket.connect");
    }
    if (!shown.empty()) co_await tell("event\tsend\t" + shown);
  }

 private:
  awaitable<void> tell(std::string text) {
    co_await send_(WebSocketSend::of_text(std::move(text)));
  }

  const WebSocketScope& scope_;
  Receive receive_;
  Send send_;
};

awaitable<void> call_and_show(const asgi::App& app, const Scope& scope, Receive receive,
                              Send send) {
  Watch watch(std::get<WebSocketScope>(scope), std::move(receive), std::move(send));
  Receive watched_receive = [&] { return watch.receive(); };
  Send watched_send = [&](SendEvent&& event) { return watch.send(std::move(event)); };
  co_await app(scope, std::move(watched_receive), std::move(watched_send));
}

}  // namespace

asgi::App show_events(asgi::App app) {
  return [app = std::move(app)](const Scope& scope, Receive receive, Send send) {
    return call_and_show(app, scope, std::move(receive), std::move(send));
  };
}
