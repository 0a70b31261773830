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
  std::cout << "listening on http://" << endpoint << std::endl;
}

// Forks the workers, if there are to be more than one. Returns the exit status in the process that
// started them, and nothing in one that is to serve.
std::optional<int> fork_workers(Options& options) {
  if (options.workers == 1) return std::nullopt;
  tcp::endpoint endpoint;
  const auto take_address = [&] {
    Options alone = options;
    alone.workers = 1;  // what several share must not be shared with another program already
    endpoint = Server(alone, nullptr).local_endpoint();
    options.port = endpoint.port();  // one for all, also where the system has picked it
    options.host = endpoint.address().to_string();
  };
  return run_workers(options.workers, take_address, [&] { announce(endpoint); });
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
    const std::optional<int> status = fork_workers(options);
    if (status) return *status;
    const asgi::App app = request_id(demo());
    asgi::State state;
    Server server(options,
                  [&](Connection& connection) { return serve(connection, options, app, state); });
    asgi::LifespanCycle lifespan(server.io(), app, options, state);
    const bool started = server.complete(lifespan.startup());
    if (!started) return 0;  // nobody could connect yet
    server.listen();
    if (options.workers == 1) announce(server.local_endpoint());
    if (options.workers > 1) worker_is_ready();
    server.run();
    server.complete(lifespan.shutdown());
    return 0;
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << '\n';
    return 2;
  }
}
