#include "server.hpp"

#include <algorithm>
#include <asio/co_spawn.hpp>
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

#include "log.hpp"

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

}  // namespace

Server::Server(const Options& options, Serve serve) : serve_(std::move(serve)) {
  try {
    const tcp::endpoint endpoint = resolve(options.host, options.port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));  // a restart need not wait
    acceptor_.bind(endpoint);
  } catch (const std::system_error& error) {
    throw std::system_error(
        error.code(), "cannot listen on " + options.host + " port " + std::to_string(options.port));
  }
  signals_.async_wait([this](asio::error_code, int) { io_.stop(); });
}

void Server::listen() { acceptor_.listen(); }

tcp::endpoint Server::local_endpoint() const { return acceptor_.local_endpoint(); }

void Server::run() {
  asio::co_spawn(io_, accept_connections(), rethrow);
  io_.run();
}

awaitable<void> Server::accept_connections() {
  asio::steady_timer pause(io_);
  asio::error_code last;
  for (;;) {
    asio::error_code failure;
    try {
      tcp::socket socket = co_await acceptor_.async_accept(redirect_error(use_awaitable, failure));
      if (!failure) asio::co_spawn(io_, run_connection(std::move(socket)), log_exception);
    } catch (const std::bad_alloc&) {
      failure = asio::error::no_memory;
    }
    const bool is_news = failure != std::exchange(last, failure);
    if (!failure) continue;
    // No descriptor or memory left, or a client that has gone again: other clients still count on
    // us. The pause keeps us from spinning, and a row of equal failures is reported once.
    if (is_news) log_line("accept: " + failure.message());
    pause.expires_after(100ms);
    co_await pause.async_wait(use_awaitable);
  }
}

awaitable<void> Server::run_connection(tcp::socket socket) {
  Connection connection(std::move(socket));
  try {
    co_await serve_(connection);
  } catch (const Disconnected&) {
    // A client may go at any time: no news.
  }
  co_await connection.close();
}
