#pragma once

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <functional>

#include "connection.hpp"
#include "options.hpp"

/// Listens on one address and runs a coroutine for each client, all of them in one thread.
class Server {
 public:
  /// Serves one connection; the server closes it when this returns or throws.
  using Serve = std::function<awaitable<void>(Connection&)>;

  /// Takes the address options.host and options.port. Throws std::system_error when it cannot.
  Server(const Options& options, Serve serve);

  /// From now on clients can connect. Throws std::system_error when another program listens there.
  void listen();

  /// The address taken: with port 0 asked for, this tells which one it is.
  tcp::endpoint local_endpoint() const;

  /// Serves until SIGINT or SIGTERM.
  void run();

 private:
  awaitable<void> accept_connections();
  awaitable<void> run_connection(tcp::socket socket);

  Serve serve_;
  // One thread: what one coroutine does, no other one interrupts. So the loop's reads and writes
  // need no locks; what others post to it is locked.
  asio::io_context io_{ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  asio::signal_set signals_{io_, SIGINT, SIGTERM};  // caught from the start on
  tcp::acceptor acceptor_{io_};
};
