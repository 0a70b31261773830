#pragma once

#include <asio/io_context.hpp>
#include <cstddef>
#include <functional>
#include <list>

#include "condition.hpp"
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

  /// Serves until stop(). Then it closes idle connections, answers the requests under way, and
  /// returns when all are gone, or their time is up.
  awaitable<void> serve();

  /// Ends serve(): in order when it is called first, at once when it is called again. May be called
  /// from another thread, and before serve().
  void stop();

  /// For a process that was forked off: there the port is closed. Here clients can still connect.
  void leave_port();

  /// Whether serve() runs: it has begun, and has not returned.
  bool serving() const { return serving_; }

  /// Whether it was to stop at once.
  bool stopped_at_once() const { return end_ == End::at_once; }

  /// The loop that the server's coroutines run in. Whoever has made the server runs it.
  asio::io_context& io() { return io_; }

 private:
  enum class End { none, in_order, at_once };

  awaitable<void> accept_connections();
  void begin_connection(tcp::socket socket);
  awaitable<void> run_connection(tcp::socket socket);
  awaitable<void> sweep();
  awaitable<void> drain();

  Options options_;
  Serve serve_;
  bool serving_ = false;  // outlives io_, with which a suspended serve() ends
  std::list<Connection*> connections_;  // outlives io_ as well
  std::size_t lingering_ = 0;  // of them; limit_concurrency does not count these
  // One thread: what one coroutine does, no other one interrupts. So the loop's reads and writes
  // need no locks; what others post to it is locked.
  asio::io_context io_{ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  tcp::acceptor acceptor_{io_};
  Condition changed_{io_.get_executor()};  // end_, or a connection has ended
  End end_ = End::none;
};
