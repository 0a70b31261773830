#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/use_awaitable.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <utility>

#include "asgi/asgi.hpp"
#include "command_line.hpp"
#include "demo/demo.hpp"
#include "demo/request_id.hpp"
#include "lifespan.hpp"
#include "options.hpp"
#include "proxy_headers.hpp"
#include "python/application.hpp"
#include "python/asyncio.hpp"
#include "python/interpreter.hpp"
#include "server.hpp"
#include "session.hpp"
#include "workers.hpp"

namespace {

void announce(const tcp::endpoint& endpoint) {
  if (report_ready()) return;  // its supervisor announces all workers at once
  std::cout << "listening on http://" << endpoint << std::endl;
}

// The program's life, from the application's startup to its shutdown.
awaitable<void> live(Server& server, asgi::LifespanCycle& lifespan) {
  co_await lifespan.startup();
  std::exception_ptr failure;
  try {
    server.listen();
    announce(server.local_endpoint());
    co_await server.serve();
  } catch (...) {  // as where another program has taken the port meanwhile
    failure = std::current_exception();
  }
  if (!server.stopped_at_once()) co_await lifespan.shutdown();
  if (failure) std::rethrow_exception(failure);
}

// Runs the loop until `life` has ended. Throws what it throws.
void run(asio::io_context& io, awaitable<void> life) {
  asio::co_spawn(io, std::move(life), [&io](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
    io.stop();
  });
  io.run();
}

// A first signal ends the server in order, a second one at once. Where the server does not serve,
// there is nobody to wait for.
void stop(Server& server) {
  if (server.serving()) {
    server.stop();
  } else {
    server.io().stop();
  }
}

awaitable<void> stop_at_signals(asio::signal_set& signals, Server& server) {
  for (;;) {
    co_await signals.async_wait(asio::use_awaitable);
    stop(server);
  }
}

ChangeScope proxy_headers(const Options& options) {
  if (!options.proxy_headers) return nullptr;
  return ProxyHeaders(options.forwarded_allow_ips);
}

// The demo, in C++.
int run_demo(const Options& options) {
  const asgi::App app = request_id(demo());
  const ChangeScope change_scope = proxy_headers(options);
  asgi::State state;
  Server server(options, [&](Connection& connection) {
    return serve(connection, options, app, state, change_scope);
  });
  asgi::LifespanCycle lifespan(server.io(), app, options, state);
  asio::signal_set signals(server.io(), SIGINT, SIGTERM);  // caught from now on
  asio::co_spawn(server.io(), stop_at_signals(signals, server), asio::detached);
  run(server.io(), live(server, lifespan));
  return 0;
}

// The same with an application in Python: asyncio runs the loop, and catches the signals.
int run_application(const Options& options) {
  asgi::App app;  // outlives the server, which has a reference to it
  const ChangeScope change_scope = proxy_headers(options);
  asgi::State state;
  Server server(options, [&](Connection& connection) {
    return serve(connection, options, app, state, change_scope);
  });
  python::Asyncio asyncio(server.io());
  asyncio.at_fork([&] { server.leave_port(); });
  app = python::application(options, asyncio);
  asgi::LifespanCycle lifespan(server.io(), app, options, state);
  return asyncio.run(live(server, lifespan), [&] { stop(server); });
}

// What Python has raised could not be shown any more when the interpreter has ended.
int run_python(const Options& options) {
  const python::Interpreter interpreter;
  try {
    return run_application(options);
  } catch (const std::exception& error) {
    throw std::runtime_error(error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a log that nobody reads any more must not end the server
  try {
    Options options = parse_options(argc, argv);
    if (options.help) {
      std::cout << help_text();
      return 0;
    }
    const auto take_address = [](const Options& alone) {
      return Server(alone, nullptr).local_endpoint();
    };
    const std::optional<int> status = fork_workers(options, take_address, announce);
    if (status) return *status;
    return options.app.empty() ? run_demo(options) : run_python(options);
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << '\n';
    return 2;
  }
}
