#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// A client made of plain system calls: it sends what it is told, and shows all that comes. What it
/// waits for has five seconds to happen; then it throws std::runtime_error.
class Client {
 public:
  /// Connects to that port of 127.0.0.1. A small `receive_buffer` makes a client that reads slowly
  /// felt early.
  explicit Client(std::uint16_t port, int receive_buffer = 0);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Sends all of `bytes`.
  void send(std::string_view bytes);

  /// Sends as much of `bytes` as the system takes before it has not taken any for 300 ms. How much
  /// that was.
  std::size_t send_until_stuck(std::string_view bytes);

  /// What comes up to the end of the first `mark`.
  std::string read_until(std::string_view mark);

  /// The next `size` bytes; fewer at the end of the connection.
  std::string read(std::size_t size);

  /// What comes up to the end of the connection.
  std::string read_to_end();

  /// How many segments with data have come: the server's writes, when each of them is small.
  std::size_t segments() const;

  /// Whether nothing comes and the connection stays open for that long.
  bool is_quiet_for(std::chrono::milliseconds time);

  /// Whether the connection ended with a reset. Known after read_to_end().
  bool was_reset() const { return was_reset_; }

  /// Ends the sending side.
  void half_close();

  /// Ends the connection, with a reset if `hard`.
  void leave(bool hard = false);

 private:
  bool wait_for(short events, std::chrono::milliseconds time) const;
  bool read_more();

  int socket_;
  std::string unread_;
  bool was_reset_ = false;
};

/// Sends `bytes` in a connection of their own: what comes back, to its end.
std::string exchange(std::uint16_t port, std::string_view bytes);

/// A whole request without a body; `fields` are whole lines.
std::string get(std::string_view target, std::string_view fields = "");

/// The same, after which the server is to end the connection.
std::string last_get(std::string_view target, std::string_view fields = "");

/// A POST request with that body.
std::string post(std::string_view target, std::string_view body, std::string_view fields = "");

/// `answers` without their Date fields, which are different each time.
std::string undated(std::string answers);
