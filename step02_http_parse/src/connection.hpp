#pragma once

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

using asio::awaitable;
using asio::ip::tcp;

/// The client can no longer be reached: it has closed or reset the connection, or takes nothing.
class Disconnected : public std::system_error {
 public:
  using std::system_error::system_error;
};

/// One client's socket, with the bytes that came from it and the bytes that we owe it.
/// It lives in the coroutine that serves the client, and everything it gives out lives no longer.
class Connection {
 public:
  /// Takes the socket of an accepted connection.
  explicit Connection(tcp::socket socket);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// What has been received and not yet consumed. Valid until the next fill() or close().
  std::string_view input() const;

  /// Drops the first `size` bytes of input(). Moves nothing: views of them stay valid as well.
  void consume(std::size_t size);

  /// What we owe the client: append here. It is sent by the next fill(), flush() or close().
  std::string& output();

  /// Sends the output, then waits for more input. False: there will be no more (the client has
  /// ended its sending side, or has gone).
  awaitable<bool> fill();

  /// Hands the output to the system; waits while the client reads too slowly to take it.
  /// Throws Disconnected.
  awaitable<void> flush();

  /// Sends the output and ends the connection so that the client can read all of it: says that
  /// no more will come, drains what still arrives, then closes (RFC 9112 section 9.6). A client
  /// that goes on and on is cut off after 16 MiB.
  awaitable<void> close();

 private:
  awaitable<void> send_output();
  asio::mutable_buffer free_space();

  tcp::socket socket_;
  std::string buffer_;  // the input is buffer_[begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string output_;
  std::string in_flight_;  // output that is being sent: it must not move when more is appended
  asio::error_code send_error_;
};
