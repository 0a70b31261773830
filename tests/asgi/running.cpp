#include "running.hpp"

#include <iostream>
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

Running::Running(asgi::App app, const Options& options)
    : options_(options),
      app_(std::move(app)),
      server_(options_,
              [this](Connection& connection) { return serve(connection, options_, app_, state_); }),
      lifespan_(server_.io(), app_, options_, state_) {
  server_.complete(lifespan_.startup());
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
    server_.run();
    server_.complete(lifespan_.shutdown());
  } catch (...) {
    failure_ = std::current_exception();
  }
}

Log::Log() : before_(std::cerr.rdbuf(text_.rdbuf())) {}

Log::~Log() { std::cerr.rdbuf(before_); }
