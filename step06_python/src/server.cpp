#include "server.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "flag_guard.hpp"
#include "log.hpp"
#include "workers.hpp"

using asio::redirect_error;
using asio::use_awaitable;
using namespace std::chrono_literals;

namespace {

// What a connection's coroutine lets escape is an error in this program: it ends that connection.
void log_exception(std::exception_ptr exception) {
  if (exception) log_failure("internal error", exception);
}

// A server without such a coroutine would serve nobody: its exception ends the program instead.
void rethrow(std::exception_ptr exception) {
  if (exception) std::rethrow_exception(exception);
}

// A connection is in the server's list for as long as its coroutine lives.
class Registration {
 public:
  Registration(std::list<Connection*>& list, Connection& connection)
      : list_(list), place_(list.insert(list.end(), &connection)) {}
  ~Registration() { list_.erase(place_); }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;

 private:
  std::list<Connection*>& list_;
  std::list<Connection*>::iterator place_;
};

// What a name stands for; an address stands for itself. Of several addresses it is the first one of
// IPv4, as `localhost` has one in any case, or else the first one.
tcp::endpoint resolve(const std::string& host, std::uint16_t port) {
  asio::io_context io;
  const auto found = tcp::resolver(io).resolve(host, std::to_string(port), tcp::resolver::passive);
  const auto ipv4 = std::find_if(found.begin(), found.end(), [](const auto& entry) {
    return entry.endpoint().address().is_v4();
  });
  return ipv4 != found.end() ? ipv4->endpoint() : found.begin()->endpoint();
}

// A program that the application starts must not keep the port, or a client, longer than we do.
void close_on_exec(int descriptor) { ::fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

}  // namespace

Server::Server(const Options& options, Serve serve) : options_(options), serve_(std::move(serve)) {
  try {
    const tcp::endpoint endpoint = resolve(options.host, options.port);
    acceptor_.open(endpoint.protocol());
    close_on_exec(acceptor_.native_handle());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));  // a restart need not wait
    if (options.workers > 1) share_port(acceptor_.native_handle());
    acceptor_.bind(endpoint);
  } catch (const std::system_error& error) {
    throw std::system_error(
        error.code(), "cannot listen on " + options.host + " port " + std::to_string(options.port));
  }
}

void Server::listen() { acceptor_.listen(); }

tcp::endpoint Server::local_endpoint() const { return acceptor_.local_endpoint(); }

awaitable<void> Server::serve() {
  const FlagGuard serving(serving_);
  asio::co_spawn(io_, accept_connections(), rethrow);
  asio::co_spawn(io_, sweep(), rethrow);
  while (end_ == End::none) co_await changed_.wait();
  co_await drain();
}

void Server::stop() {
  asio::post(io_, [this] {
    end_ = end_ == End::none ? End::in_order : End::at_once;
    changed_.notify();
  });
}

void Server::leave_port() {
  if (acceptor_.is_open()) ::close(acceptor_.native_handle());
}

awaitable<void> Server::accept_connections() {
  asio::steady_timer pause(io_);
  asio::error_code last;
  for (;;) {
    asio::error_code failure;
    try {
      tcp::socket socket = co_await acceptor_.async_accept(redirect_error(use_awaitable, failure));
      if (!failure) begin_connection(std::move(socket));
    } catch (const std::bad_alloc&) {
      failure = asio::error::no_memory;
    }
    const bool is_news = failure != std::exchange(last, failure);
    if (!failure) continue;
    if (!acceptor_.is_open()) co_return;
    // No descriptor or memory left, or a client that has gone again: other clients still count on
    // us. The pause keeps us from spinning, and a row of equal failures is reported once.
    if (is_news) log_line("accept: " + failure.message());
    pause.expires_after(100ms);
    co_await pause.async_wait(use_awaitable);
  }
}

void Server::begin_connection(tcp::socket socket) {
  close_on_exec(socket.native_handle());
  asio::co_spawn(io_, run_connection(std::move(socket)), [this](std::exception_ptr failure) {
    log_exception(failure);
    changed_.notify();
  });
}

awaitable<void> Server::run_connection(tcp::socket socket) {
  Connection connection(std::move(socket), options_.timeout_write, lingering_);
  const Registration registration(connections_, connection);
  const std::size_t limit = options_.limit_concurrency;
  if (limit != 0 && connections_.size() - lingering_ > limit) connection.refuse();
  if (!acceptor_.is_open()) connection.stop();
  try {
    co_await serve_(connection);
  } catch (const Disconnected&) {
    // A client may go at any time: no news.
  }
  co_await connection.close();
}

// One timer for all deadlines: to move one is cheap, to look at all of them costs once a second.
awaitable<void> Server::sweep() {
  asio::steady_timer tick(io_);
  for (;;) {
    tick.expires_after(1s);
    co_await tick.async_wait(use_awaitable);
    const Clock::time_point now = Clock::now();
    for (Connection* connection : connections_) connection->check_deadlines(now);
  }
}

awaitable<void> Server::drain() {
  asio::error_code ignored;
  acceptor_.close(ignored);
  for (Connection* connection : connections_) connection->stop();
  Clock::time_point end = Clock::now() + options_.timeout_graceful_shutdown;
  while (!connections_.empty() && end_ != End::at_once && Clock::now() < end) {
    co_await changed_.wait_until(end);
  }
  for (Connection* connection : connections_) connection->abort();
  end = Clock::now() + 1s;  // let every coroutine finish by itself: io_ must not destroy it
  while (!connections_.empty() && Clock::now() < end) co_await changed_.wait_until(end);
}
