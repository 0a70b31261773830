#pragma once

#include <cstdint>
#include <exception>
#include <sstream>
#include <string>
#include <thread>

#include "asgi/asgi.hpp"
#include "lifespan.hpp"
#include "options.hpp"
#include "server.hpp"

/// Any free port, no lifespan and no access log: for applications that know requests only.
Options plain_options();

/// The same for applications with a lifespan.
Options lifespan_options(Lifespan lifespan);

/// Runs the loop until `task` has ended; throws what it throws. False: the loop was stopped first.
bool run_until_complete(asio::io_context& loop, asgi::awaitable<void> task);

/// A step's server in a thread of its own, from the application's startup to its shutdown.
class Running {
 public:
  /// Returns when clients can connect. Throws what the startup throws.
  explicit Running(asgi::App app, const Options& options = plain_options());

  /// Ends it, if that has not been done.
  ~Running();

  std::uint16_t port() const { return server_.local_endpoint().port(); }

  /// Tells it to stop, as a signal does.
  void stop() { server_.stop(); }

  /// Waits until it has stopped.
  void join();

 private:
  void run();

  const Options options_;
  const asgi::App app_;
  asgi::State state_;
  Server server_;
  asgi::LifespanCycle lifespan_;
  std::exception_ptr failure_;
  std::thread thread_;
};

/// While it lives, what the server writes to standard error is kept. To be read when no server
/// runs.
class Log {
 public:
  Log();
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::streambuf* before_;
};
