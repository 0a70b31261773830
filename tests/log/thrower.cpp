// A server whose coroutine for each client throws what that client asks for.
//
// usage: thrower   (standard output: the line of a server that is ready)

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <iostream>
#include <stdexcept>
#include <string>

#include "connection.hpp"
#include "options.hpp"
#include "server.hpp"

namespace {

struct Unknown {};

awaitable<void> throw_as_asked(Connection& connection) {
  co_await connection.fill();
  const std::string asked(connection.input());
  if (asked == "Unknown") throw Unknown();
  if (asked == "long") throw std::runtime_error(std::string(5000, 'x'));
  throw std::runtime_error(asked);
}

// Serves for ever, whether the step's server runs its loop itself or is a coroutine in it.
template <typename AnyServer>
void run(AnyServer& server) {
  if constexpr (requires { server.serve(); }) {
    asio::co_spawn(server.io(), server.serve(), asio::detached);
    server.io().run();
  } else {
    server.run();
  }
}

}  // namespace

int main() {
  Options options;
  options.port = 0;
  Server server(options, throw_as_asked);
  server.listen();
  std::cout << "listening on tcp://" << server.local_endpoint() << std::endl;
  run(server);
}
