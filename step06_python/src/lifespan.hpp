#pragma once

#include <asio/io_context.hpp>
#include <optional>
#include <string>

#include "asgi/channel.hpp"
#include "condition.hpp"
#include "options.hpp"

namespace asgi {

/// Runs an application's lifespan scope: tells it when the server is about to accept connections
/// and when all of them are closed, and waits for its answers. An application that knows no
/// lifespan is left alone, unless options.lifespan is Lifespan::on.
class LifespanCycle : public Channel {
 public:
  /// All arguments outlive this. The application writes `state` at startup.
  LifespanCycle(asio::io_context& io, const App& app, const Options& options, State& state);

  /// Returns when the application is ready. Throws std::runtime_error when it is not: it said so,
  /// took longer than options.timeout_lifespan, or has no lifespan where one is asked for.
  awaitable<void> startup();

  /// Returns when the application has ended what it began, or after options.timeout_lifespan.
  awaitable<void> shutdown();

 private:
  awaitable<void> run_app();
  void fail(std::string message);
  std::optional<ReceiveEvent> poll() override;
  awaitable<void> wait() override;
  bool take(SendEvent& event) override;
  awaitable<void> settle() override;
  void answer(const SendEvent& event);
  awaitable<void> wait_for_answer();

  asio::io_context& io_;
  const App& app_;
  const Options& options_;
  const Scope scope_;
  bool running_ = false;  // the application has been called and has not returned
  bool startup_delivered_ = false;
  bool stopping_ = false;  // it is to be told lifespan.shutdown
  bool answered_ = false;  // the last event that it has received
  std::optional<std::string> failure_;  // its own word that it failed, or its exception
  Condition question_;  // there is something to tell it
  Condition answer_;  // it has answered, or returned
};

}  // namespace asgi
