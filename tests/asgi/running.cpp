#include "running.hpp"

#include <asio/co_spawn.hpp>
#include <asio/executor_work_guard.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <utility>

#include "session.hpp"

Options plain_options() { return lifespan_options(Lifespan::off); }

Options lifespan_options(Lifespan lifespan) {
  Options options;
  options.port = 0;
  options.lifespan = lifespan;
  options.access_log = false;
  return options;
}

bool run_until_complete(asio::io_context& loop, asgi::awaitable<void> task) {
  loop.restart();  // it may have run before
  const auto work = asio::make_work_guard(loop);
  const auto result = std::make_shared<std::optional<std::exception_ptr>>();
  asio::co_spawn(loop, std::move(task), [=](std::exception_ptr failure) { *result = failure; });
  while (!*result && !loop.stopped()) loop.run_one();
  if (*result && **result) std::rethrow_exception(**result);
  return result->has_value();
}

Running::Running(asgi::App app, const Options& options)
    : options_(options),
      app_(std::move(app)),
      server_(options_,
              [this](Connection& connection) { return serve(connection, options_, app_, state_); }),
      lifespan_(server_.io(), app_, options_, state_) {
  run_until_complete(server_.io(), lifespan_.startup());
  server_.listen();
  thread_ = std::thread([this] { run(); });
}

Running::~Running() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void Running::join() {
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

void Running::run() {
  try {
    run_until_complete(server_.io(), server_.serve());
    run_until_complete(server_.io(), lifespan_.shutdown());
  } catch (...) {
    failure_ = std::current_exception();
  }
}

Log::Log() : before_(std::cerr.rdbuf(text_.rdbuf())) {}

Log::~Log() { std::cerr.rdbuf(before_); }
