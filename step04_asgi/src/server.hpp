#pragma once

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <csignal>
#include <cstddef>
#include <functional>
#include <list>

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

  /// Serves until SIGINT, SIGTERM or stop(). Then it closes idle connections, answers the requests
  /// under way, and returns when all are gone, its time is up, or a second signal comes.
  void run();

  /// Runs `task` to its end, before or after run(). Throws what it throws. False: a signal or
  /// stop() came first.
  bool complete(awaitable<void> task);

  /// What the server's coroutines run in.
  asio::io_context& io() { return io_; }

  /// As a signal does. May be called from another thread.
  void stop() { io_.stop(); }

 private:
  awaitable<void> accept_connections();
  awaitable<void> run_connection(tcp::socket socket);
  awaitable<void> sweep();
  void drain();
  void run_until_no_connection(Clock::duration limit);

  Options options_;
  Serve serve_;
  std::list<Connection*> connections_;  // outlives io_, with which suspended coroutines end
  std::size_t lingering_ = 0;  // of them; each has its answer, and counts for no limit but its own
  asio::io_context io_{1};  // one thread: what one coroutine does, no other one interrupts
  // With it only stop() ends io_, and not that there is nothing to do for once.
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  asio::signal_set signals_{io_, SIGINT, SIGTERM};  // caught from the start on
  tcp::acceptor acceptor_{io_};
};
