#include "lifespan.hpp"

#include <asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

#include "log.hpp"

namespace asgi {

using Clock = std::chrono::steady_clock;

LifespanCycle::LifespanCycle(asio::io_context& io, const App& app, const Options& options,
                             State& state)
    : io_(io),
      app_(app),
      options_(options),
      scope_(LifespanScope{state}),
      question_(io.get_executor()),
      answer_(io.get_executor()) {}

awaitable<void> LifespanCycle::startup() {
  if (options_.lifespan == Lifespan::off) co_return;
  running_ = true;
  asio::co_spawn(io_, run_app(), [](std::exception_ptr) {});  // it lets no exception out
  co_await wait_for_answer();
  if (answered_ && failure_) throw std::runtime_error("lifespan startup failed: " + *failure_);
  if (answered_) co_return;
  if (running_) throw std::runtime_error("lifespan startup was not answered in time");
  if (options_.lifespan == Lifespan::on) {
    throw std::runtime_error("no lifespan: " + failure_.value_or("the application returned"));
  }
}

awaitable<void> LifespanCycle::shutdown() {
  if (!running_) co_return;
  stopping_ = true;
  answered_ = false;
  question_.notify();
  co_await wait_for_answer();
  if (failure_) log_line("lifespan shutdown failed: " + *failure_);
  if (running_ && !answered_) log_line("lifespan shutdown was not answered in time");
}

awaitable<void> LifespanCycle::run_app() {
  try {
    co_await app_(scope_, receive(), send());
  } catch (...) {
    fail(describe(std::current_exception()));
  }
  end();
  question_.notify();
  if (occupied()) co_await wait_until_left();
  running_ = false;
  answer_.notify();
}

void LifespanCycle::fail(std::string message) {
  if (failure_) return;  // it has said so itself
  if (answered_ && !stopping_) {  // nothing waits for it that could tell
    log_line("lifespan failed: " + message);
  } else {
    failure_ = std::move(message);
  }
}

std::optional<ReceiveEvent> LifespanCycle::poll() {
  if (!std::exchange(startup_delivered_, true)) return LifespanStartup();
  if (stopping_ && !answered_) return LifespanShutdown();
  return std::nullopt;
}

awaitable<void> LifespanCycle::wait() { return question_.wait(); }

bool LifespanCycle::take(SendEvent& event) {
  answer(event);
  answer_.notify();
  return false;
}

awaitable<void> LifespanCycle::settle() { co_return; }  // nothing is owed to anybody

void LifespanCycle::answer(const SendEvent& event) {
  const auto* const startup_failed = std::get_if<LifespanStartupFailed>(&event);
  const auto* const shutdown_failed = std::get_if<LifespanShutdownFailed>(&event);
  const bool startup = startup_failed || std::holds_alternative<LifespanStartupComplete>(event);
  const bool shutdown = shutdown_failed || std::holds_alternative<LifespanShutdownComplete>(event);
  if (!startup && !shutdown) throw EventError("this event does not belong to a lifespan scope");
  if (answered_ || startup == stopping_) throw EventError("nothing asks for this lifespan event");
  answered_ = true;
  if (startup_failed) failure_ = startup_failed->message;
  if (shutdown_failed) failure_ = shutdown_failed->message;
}

awaitable<void> LifespanCycle::wait_for_answer() {
  const Clock::time_point deadline = Clock::now() + options_.timeout_lifespan;
  while (running_ && !answered_ && Clock::now() < deadline) {
    co_await answer_.wait_until(deadline);
  }
}

}  // namespace asgi
