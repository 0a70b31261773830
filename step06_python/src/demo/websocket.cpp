#include "demo/websocket.hpp"

#include <algorithm>
#include <array>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

#include "demo/chat.hpp"
#include "demo/show_events.hpp"

using asgi::awaitable;
using asgi::Receive;
using asgi::ReceiveEvent;
using asgi::Scope;
using asgi::Send;
using asgi::WebSocketAccept;
using asgi::WebSocketClose;
using asgi::WebSocketReceive;
using asgi::WebSocketScope;
using asgi::WebSocketSend;
using namespace std::chrono_literals;

namespace {

// /ws/echo: each message comes back as it is.
awaitable<void> echo(const WebSocketScope&, Receive receive, Send send) {
  ReceiveEvent event = co_await receive();  // websocket.connect
  co_await send(WebSocketAccept());
  for (;;) {
    event = co_await receive();
    auto* const message = std::get_if<WebSocketReceive>(&event);
    if (!message) co_return;  // websocket.disconnect
    if (message->text) {
      co_await send(WebSocketSend::of_text(std::move(*message->text)));
    } else {
      co_await send(WebSocketSend::of_bytes(std::move(*message->bytes)));
    }
  }
}

// /ws/subprotocol: chooses what it likes best of what the client offers, and says so.
awaitable<void> subprotocol(const WebSocketScope& scope, Receive receive, Send send) {
  constexpr std::array<std::string_view, 2> liked = {"v2.demo", "v1.demo"};
  const auto& offered = scope.subprotocols;
  std::string chosen;
  for (const std::string_view name : liked) {
    if (chosen.empty() && std::count(offered.begin(), offered.end(), name) > 0) chosen = name;
  }
  const ReceiveEvent event = co_await receive();
  co_await send(WebSocketAccept(chosen));
  if (chosen.empty()) chosen = "no subprotocol";
  co_await send(WebSocketSend::of_text(std::move(chosen)));
  co_await send(WebSocketClose());
}

// /ws/clock: sends the time once a second, and never looks at what the client says.
awaitable<void> clock(const WebSocketScope&, Receive receive, Send send) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  const ReceiveEvent event = co_await receive();
  co_await send(WebSocketAccept());
  for (;;) {
    co_await send(WebSocketSend::of_text(std::to_string(std::time(nullptr))));
    timer.expires_after(1s);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

// /ws/deny: a response of one's own instead of a WebSocket.
awaitable<void> deny(const WebSocketScope&, Receive receive, Send send) {
  const ReceiveEvent event = co_await receive();
  co_await send(asgi::WebSocketHttpResponseStart(
      asgi::HttpResponseStart(401).header("content-type", "text/plain")));
  co_await send(
      asgi::WebSocketHttpResponseBody(asgi::HttpResponseBody("this WebSocket is for others\n")));
}

// Any other path: denied with the server's own 403.
awaitable<void> nowhere(const WebSocketScope&, Receive receive, Send send) {
  const ReceiveEvent event = co_await receive();
  co_await send(WebSocketClose());
}

struct Route {
  std::string_view path;
  awaitable<void> (*app)(const WebSocketScope& scope, Receive receive, Send send);
};

constexpr std::array routes = {Route{"/ws/echo", echo}, Route{"/ws/subprotocol", subprotocol},
                               Route{"/ws/clock", clock}, Route{"/ws/deny", deny}};

}  // namespace

awaitable<void> websocket_demo(const Scope& scope, Receive receive, Send send) {
  static const asgi::App watched_chat = show_events(chat);
  const auto& socket = std::get<WebSocketScope>(scope);
  const std::string_view path = std::string_view(socket.path).substr(socket.root_path.size());
  if (path == "/ws/chat") return watched_chat(scope, std::move(receive), std::move(send));
  const auto* const route = std::find_if(
      routes.begin(), routes.end(), [=](const Route& candidate) { return candidate.path == path; });
  const auto app = route == routes.end() ? nowhere : route->app;
  return app(socket, std::move(receive), std::move(send));
}
