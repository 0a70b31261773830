#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/use_awaitable.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <utility>

#include "asgi/asgi.hpp"
#include "command_line.hpp"
#include "demo/demo.hpp"
#include "demo/request_id.hpp"
#include "lifespan.hpp"
#include "options.hpp"
#include "server.hpp"
#include "session.hpp"

namespace {

void announce(const tcp::endpoint& endpoint) {
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
awaitable<void> stop_at_signals(asio::signal_set& signals, Server& server) {
  for (;;) {
    co_await signals.async_wait(asio::use_awaitable);
    if (server.serving()) {
      server.stop();
    } else {
      server.io().stop();
    }
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
    const asgi::App app = request_id(demo());
    asgi::State state;
    Server server(options,
                  [&](Connection& connection) { return serve(connection, options, app, state); });
    asgi::LifespanCycle lifespan(server.io(), app, options, state);
    asio::signal_set signals(server.io(), SIGINT, SIGTERM);  // caught from now on
    asio::co_spawn(server.io(), stop_at_signals(signals, server), asio::detached);
    run(server.io(), live(server, lifespan));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << '\n';
    return 2;
  }
}
