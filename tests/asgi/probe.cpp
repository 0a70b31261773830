#include "probe.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <stdexcept>
#include <utility>

#include "connection.hpp"

using namespace std::chrono_literals;

void Journal::add(std::string_view line) {
  const std::lock_guard lock(mutex_);
  text_.append(line) += '\n';
  added_.notify_all();
}

std::string Journal::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

void Journal::wait_for(std::string_view line) const {
  const std::string wanted = '\n' + std::string(line) + '\n';
  const auto found = [&] { return ('\n' + text_).find(wanted) != text_.npos; };
  std::unique_lock lock(mutex_);
  if (added_.wait_for(lock, 20s, found)) return;
  throw std::runtime_error("no line '" + std::string(line) + "' in: " + text_);
}

awaitable<void> Gate::pass() const {
  while (!open_) co_await wait(2ms);
}

awaitable<void> wait(std::chrono::milliseconds time) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

awaitable<void> leave_behind(awaitable<void> task) {
  const auto executor = co_await asio::this_coro::executor;
  asio::co_spawn(executor, std::move(task), asio::detached);
}

awaitable<void> until(const Journal& journal, std::string_view line) {
  while (journal.text().find(line) == std::string::npos) co_await wait(1ms);
}

std::string name_of(const asgi::ReceiveEvent& event) {
  if (const auto* const request = std::get_if<asgi::HttpRequest>(&event)) {
    return "http.request '" + request->body + "'" + (request->more_body ? "..." : "");
  }
  if (std::holds_alternative<asgi::HttpDisconnect>(event)) return "http.disconnect";
  if (std::holds_alternative<asgi::LifespanStartup>(event)) return "lifespan.startup";
  if (std::holds_alternative<asgi::LifespanShutdown>(event)) return "lifespan.shutdown";
  return "an event of another kind";
}

awaitable<void> note_received(Journal& journal, Receive receive,
                              std::string (*name)(const asgi::ReceiveEvent&)) {
  std::string outcome = "EventError";
  try {
    const asgi::ReceiveEvent event = co_await receive();
    outcome = name(event);
  } catch (const asgi::EventError&) {
  }
  journal.add(std::move(outcome));
}

awaitable<void> note_sent(Journal& journal, Send send, asgi::SendEvent event) {
  std::string outcome = "sent";
  try {
    co_await send(std::move(event));
  } catch (const asgi::EventError&) {
    outcome = "EventError";
  } catch (const Disconnected&) {
    outcome = "Disconnected";
  }
  journal.add(outcome);
}

awaitable<std::string> read_body(Receive receive) {
  std::string body;
  bool more_body = true;
  while (more_body) {
    const asgi::ReceiveEvent event = co_await receive();
    const auto* const request = std::get_if<asgi::HttpRequest>(&event);
    if (request) body += request->body;
    more_body = request && request->more_body;
  }
  co_return body;
}

awaitable<void> respond(Send send, int status, std::string text) {
  co_await send(HttpResponseStart(status).header("content-type", "text/plain"));
  co_await send(HttpResponseBody(std::move(text)));
}
