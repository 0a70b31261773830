#include "demo/demo.hpp"

#include <memory>
#include <utility>

#include "demo/http.hpp"
#include "demo/websocket.hpp"

using asgi::awaitable;
using asgi::Receive;
using asgi::Scope;
using asgi::Send;

namespace {

// A counter that all requests share.
awaitable<void> lifespan(const asgi::LifespanScope& scope, Receive receive, Send send) {
  asgi::ReceiveEvent event = co_await receive();
  scope.state["counter"] = std::make_shared<int>(0);
  co_await send(asgi::LifespanStartupComplete());
  event = co_await receive();
  co_await send(asgi::LifespanShutdownComplete());
}

awaitable<void> dispatch(const Scope& scope, Receive receive, Send send) {
  if (const auto* const life = std::get_if<asgi::LifespanScope>(&scope)) {
    return lifespan(*life, std::move(receive), std::move(send));
  }
  if (std::holds_alternative<asgi::WebSocketScope>(scope)) {
    return websocket_demo(scope, std::move(receive), std::move(send));
  }
  return http_demo(std::get<asgi::HttpScope>(scope), std::move(receive), std::move(send));
}

}  // namespace

asgi::App demo() { return dispatch; }
