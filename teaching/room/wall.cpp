#include "wall.hpp"

#include <asio/co_spawn.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "condition.hpp"
#include "page.hpp"
#include "roll.hpp"

using asgi::awaitable;
using asgi::HttpResponseBody;
using asgi::HttpResponseStart;
using asgi::HttpScope;
using asgi::Receive;
using asgi::ReceiveEvent;
using asgi::Scope;
using asgi::Send;
using asgi::WebSocketScope;
using asio::use_awaitable;

namespace {

constexpr std::size_t most_watchers = 50;
constexpr std::chrono::milliseconds rest_between_updates(200);

// A page that is open somewhere, and is told what has changed.
class Watcher {
 public:
  Watcher(const Roll& roll, const asio::any_io_executor& executor)
      : roll_(roll), rest_(executor), changed_(executor) {}

  void update() {
    fresh_ = true;
    changed_.notify();
  }

  // Sends what there is to show until leave(), or the client has gone. Who is slow gets the newest.
  awaitable<void> write(Send send) {
    try {
      co_await write_updates(std::move(send));
    } catch (const std::exception&) {
      // The client has gone, as receive() will tell. leave() waits for this coroutine in any case.
    }
    written_ = true;
    changed_.notify();
  }

  // Waits until write() has returned.
  awaitable<void> leave() {
    leaving_ = true;
    rest_.cancel();
    changed_.notify();
    while (!written_) co_await changed_.wait();
  }

 private:
  awaitable<void> write_updates(Send send) {
    asio::error_code ignored;
    while (!leaving_) {
      if (!std::exchange(fresh_, false)) {
        co_await changed_.wait();
        continue;
      }
      std::string shown = roll_.json(std::chrono::steady_clock::now());
      co_await send(asgi::WebSocketSend::of_text(std::move(shown)));
      rest_.expires_after(rest_between_updates);
      if (!leaving_) co_await rest_.async_wait(asio::redirect_error(use_awaitable, ignored));
    }
  }

  const Roll& roll_;
  asio::steady_timer rest_;
  Condition changed_;  // something here has
  bool fresh_ = true;  // there is something that was not sent yet
  bool leaving_ = false;
  bool written_ = false;
};

awaitable<void> answer(const Send& send, HttpResponseStart start, std::string text) {
  start.headers.emplace_back("content-type", "text/plain; charset=utf-8");
  start.headers.emplace_back("cache-control", "no-store");
  co_await send(std::move(start));
  co_await send(HttpResponseBody(text + '\n'));
}

// The body, once all of it is there. Nothing: the client has gone, or the server has refused it,
// which knows how large it may be.
awaitable<std::optional<std::string>> read_form(const Receive& receive) {
  std::string form;
  for (bool more_body = true; more_body;) {
    const ReceiveEvent event = co_await receive();
    const auto* const request = std::get_if<asgi::HttpRequest>(&event);
    if (!request) co_return std::nullopt;
    form += request->body;
    more_body = request->more_body;
  }
  co_return form;
}

// Nothing in the page comes from elsewhere, and it asks for nothing elsewhere.
awaitable<void> show_page(const Send& send) {
  co_await send(HttpResponseStart(200)
                    .header("content-type", "text/html; charset=utf-8")
                    .header("cache-control", "no-store")
                    .header("content-security-policy",
                            "default-src 'none'; style-src 'unsafe-inline'; "
                            "script-src 'unsafe-inline'; img-src data:; connect-src 'self'"));
  co_await send(HttpResponseBody(std::string(wall_page())));
}

class Wall {
 public:
  explicit Wall(std::string token) : path_('/' + std::move(token)) {}

  awaitable<void> serve(const HttpScope& scope, Receive receive, Send send) {
    if (local_path(scope) != path_) {
      co_await answer(send, HttpResponseStart(404), "the address ends with the token of the day");
    } else if (scope.method == "POST") {
      co_await take_report(receive, send);
    } else if (scope.method == "GET" || scope.method == "HEAD") {
      co_await show_page(send);
    } else {
      co_await answer(send, HttpResponseStart(405).header("allow", "GET, HEAD, POST"),
                      "the wall takes GET and POST");
    }
  }

  awaitable<void> watch(const WebSocketScope& scope, Receive receive, Send send) {
    const auto executor = co_await asio::this_coro::executor;
    ReceiveEvent event = co_await receive();  // websocket.connect
    if (local_path(scope) != path_ + "/live" || watchers_.size() == most_watchers) {
      co_await send(asgi::WebSocketClose());  // the server answers 403
      co_return;
    }
    co_await send(asgi::WebSocketAccept());
    watchers_.emplace_back(roll_, executor);
    const auto watcher = std::prev(watchers_.end());
    asio::co_spawn(executor, watcher->write(std::move(send)), [](std::exception_ptr) {});
    std::exception_ptr failure;
    try {
      while (!std::holds_alternative<asgi::WebSocketDisconnect>(event)) event = co_await receive();
    } catch (...) {
      failure = std::current_exception();
    }
    co_await watcher->leave();
    watchers_.erase(watcher);
    if (failure) std::rethrow_exception(failure);
  }

 private:
  static std::string_view local_path(const asgi::ConnectionScope& scope) {
    return scope.path == "*" ? "*" : scope.path.substr(scope.root_path.size());
  }

  awaitable<void> take_report(const Receive& receive, const Send& send) {
    const std::optional<std::string> form = co_await read_form(receive);
    if (!form) co_return;
    int status = 400;
    std::string text;
    try {
      text = take(parse_report(*form), status);
    } catch (const std::invalid_argument& error) {
      text = error.what();
    }
    co_await answer(send, HttpResponseStart(status), text);
  }

  // Returns a sentence for the student.
  std::string take(Report report, int& status) {
    const std::string name = report.name;
    const auto answer = roll_.take(std::move(report), std::chrono::steady_clock::now());
    status = answer == Roll::Answer::taken ? 200 : answer == Roll::Answer::full ? 503 : 429;
    if (answer == Roll::Answer::full) return "the wall is full";
    if (answer == Roll::Answer::too_soon) return "another report of that name has just come";
    for (Watcher& watcher : watchers_) watcher.update();
    return "the wall shows it as " + name;
  }

  const std::string path_;
  Roll roll_;
  std::list<Watcher> watchers_;
};

}  // namespace

asgi::App wall(std::string token) {
  const auto everything = std::make_shared<Wall>(std::move(token));
  return [everything](const Scope& scope, Receive receive, Send send) {
    if (const auto* const socket = std::get_if<WebSocketScope>(&scope)) {
      return everything->watch(*socket, std::move(receive), std::move(send));
    }
    if (const auto* const request = std::get_if<HttpScope>(&scope)) {
      return everything->serve(*request, std::move(receive), std::move(send));
    }
    throw std::invalid_argument("the wall has no lifespan");
  };
}
