#include <csignal>
#include <exception>
#include <iostream>
#include <optional>

#include "asgi/asgi.hpp"
#include "command_line.hpp"
#include "demo/demo.hpp"
#include "demo/request_id.hpp"
#include "lifespan.hpp"
#include "options.hpp"
#include "server.hpp"
#include "session.hpp"
#include "workers.hpp"

namespace {

void announce(const tcp::endpoint& endpoint) {
  if (worker_is_ready()) return;  // its supervisor announces all workers at once
  std::cout << "listening on http://" << endpoint << std::endl;
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
    const asgi::App app = request_id(demo());
    asgi::State state;
    Server server(options,
                  [&](Connection& connection) { return serve(connection, options, app, state); });
    asgi::LifespanCycle lifespan(server.io(), app, options, state);
    const bool started = server.complete(lifespan.startup());
    if (!started) return 0;  // nobody could connect yet
    server.listen();
    announce(server.local_endpoint());
    server.run();
    server.complete(lifespan.shutdown());
    return 0;
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << '\n';
    return 2;
  }
}
