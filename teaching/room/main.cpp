#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/signal_set.hpp>
#include <asio/use_awaitable.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "addresses.hpp"
#include "command_line.hpp"
#include "server.hpp"
#include "session.hpp"
#include "wall.hpp"

namespace {

constexpr const char* help =
    "room: the wall of the room, which shows where those stand who report\n\n"
    "It listens on all addresses, and keeps nothing once it has ended.\n\n";

// To be typed by thirty people: short, and without letters that look like digits.
std::string make_token() {
  constexpr std::string_view letters = "abcdefghjkmnpqrstuvwxyz23456789";
  std::random_device random;
  std::uniform_int_distribution<std::size_t> any(0, letters.size() - 1);
  std::string token;
  while (token.size() < 6) token += letters[any(random)];
  return token;
}

// Where the wall is found: on this machine, and by others.
void announce(const tcp::endpoint& endpoint, const std::string& token) {
  const std::string end = ':' + std::to_string(endpoint.port()) + '/' + token;
  std::vector<std::string> hosts;
  if (endpoint.address().is_unspecified()) hosts = addresses_for_others();
  if (hosts.empty()) hosts.push_back("127.0.0.1");
  std::cout << "listening on http://" << endpoint << "\n\n"
            << "  the wall, for the projector:  http://" << hosts.front() << end << '\n';
  for (const std::string& host : hosts) {
    std::cout << "  tell the room:                ./workshop check --report http://" << host << end
              << " --name NICKNAME\n";
  }
  std::cout << "\n  Ctrl-C ends it, and all that was reported is forgotten." << std::endl;
}

awaitable<void> live(Server& server, const std::string& token) {
  server.listen();
  announce(server.local_endpoint(), token);
  co_await server.serve();
}

// A first signal ends the server in order, a second one at once.
awaitable<void> stop_at_signals(asio::signal_set& signals, Server& server) {
  for (;;) {
    co_await signals.async_wait(asio::use_awaitable);
    server.stop();
  }
}

Options options_of(int argc, char** argv) {
  std::vector<const char*> arguments(argv, argv + argc);
  // What the teacher gives comes later, and wins. The port is not 8000: a step has that.
  const std::vector<const char*> ours = {"--host",
                                         "0.0.0.0",
                                         "--port",
                                         "8100",
                                         "--no-access-log",
                                         "--limit-concurrency",
                                         "1000",
                                         "--limit-request-body",
                                         "16384"};
  arguments.insert(arguments.begin() + 1, ours.begin(), ours.end());
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a terminal that is gone must not end the wall
  try {
    const Options options = options_of(argc, argv);
    if (options.help) {
      std::cout << help << help_text();
      return 0;
    }
    const std::string token = make_token();
    const asgi::App app = wall(token);
    const asgi::State state;
    Server server(options,
                  [&](Connection& connection) { return serve(connection, options, app, state); });
    asio::signal_set signals(server.io(), SIGINT, SIGTERM);
    asio::co_spawn(server.io(), stop_at_signals(signals, server), asio::detached);
    asio::co_spawn(server.io(), live(server, token), [&server](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
      server.io().stop();
    });
    server.io().run();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << '\n';
    return 2;
  }
}
