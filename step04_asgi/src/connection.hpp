#pragma once

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "condition.hpp"

using asio::awaitable;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

/// The client can no longer be reached: it has closed or reset the connection, or takes nothing.
class Disconnected : public std::system_error {
 public:
  using std::system_error::system_error;
};

/// One client's socket, with the bytes that came from it and the bytes that we owe it.
/// It lives in the coroutine that serves the client, and everything it gives out lives no longer.
/// One coroutine may fill() while another one flushes.
class Connection {
 public:
  /// Takes the socket of an accepted connection. A client that takes nothing of what is sent to it
  /// for `write_limit` has gone. `lingering` counts the connections that close() drains, and
  /// outlives this.
  Connection(tcp::socket socket, Clock::duration write_limit, std::size_t& lingering);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// What has been received and not yet consumed. Valid until the next fill() or close().
  std::string_view input() const;

  /// Drops the first `size` bytes of input(). Moves nothing: views of them stay valid as well.
  void consume(std::size_t size);

  /// What we owe the client: append here. It is sent by the next fill(), flush() or close().
  std::string& output();

  /// Sends the output, then waits for more input. False: there will be no more (the client has
  /// ended its sending side, or has gone), its time is up, or it is idle and the server stops.
  /// Throws std::system_error when an application cancels the coroutine that waits here.
  awaitable<bool> fill();

  /// Hands the output to the system; waits while the client reads too slowly to take it.
  /// Throws Disconnected.
  awaitable<void> flush();

  /// The output ends with something complete: an answer, or a message. With no `more_input` that
  /// asks for another one it is sent at once, the first time after each input; otherwise at the end
  /// of this turn of the loop, with all that is complete by then. False: flush() has to wait for
  /// that, or has an error to throw.
  bool flush_soon(bool more_input);

  /// Sends the output and ends the connection so that the client can read all of it: says that
  /// no more will come, drains what still arrives, then closes (RFC 9112 section 9.6). Drains as
  /// long as the client goes on: silence ends that, and in any case half a minute, or two seconds
  /// once the server stops. Beyond a number of connections that drain it closes at once.
  awaitable<void> close();

  /// Starts a deadline: what we wait for must come within `limit` of now, over any number of
  /// fill() calls. It is looked at only while we wait for input.
  /// It stands still while output has to wait for the client.
  void expect_within(Clock::duration limit);

  /// The same between requests, when the client owes us nothing: a server that stops does not
  /// wait for it.
  void idle_for(Clock::duration limit);
  bool idle() const { return idle_; }

  /// Gives back memory that only a large input has needed. Ends the views of the input.
  void shrink();

  /// Whether the last fill() ended because the client's time was up.
  bool timed_out() const { return timed_out_; }

  /// Ends what is being waited for if its time is up at `now`. The server asks once a second.
  void check_deadlines(Clock::time_point now);

  /// Waits until the client has nothing more to say (it has ended its sending side, or has gone),
  /// or interrupt() is called; with `until_stop` also until the server stops. What comes meanwhile
  /// stays in the input.
  awaitable<void> wait_for_end(bool until_stop);

  /// Whether the client has ended its sending side, or has gone, whatever is still to be read.
  bool client_has_ended();

  /// Ends the fill() or wait_for_end() that another coroutine waits for.
  void interrupt();

  /// The server stops: it is to be answered what it has asked, and nothing more.
  void stop();
  bool stopping() const { return stopping_; }

  /// The server has more connections than it may: this one is to be refused.
  void refuse() { refused_ = true; }
  bool refused() const { return refused_; }

  /// Whether output could not be sent: the client has gone.
  bool broken() const { return static_cast<bool>(send_error_); }

  /// The two ends of the connection; nothing when the client has gone already.
  std::optional<tcp::endpoint> client() const;
  std::optional<tcp::endpoint> server() const;

  /// Ends the connection at once, whatever is being sent or waited for.
  void abort();

 private:
  bool wait_is_over() const;
  void throw_if_cancelled(asio::error_code ec) const;
  void end_wait();
  class DueFlushes;
  struct Rest;
  awaitable<void> send_output();
  bool start_sending();
  void write_at_once();
  void send_rest();
  void continue_sending(asio::error_code ec, std::size_t size);
  void end_sending(asio::error_code ec);
  asio::mutable_buffer free_space();

  tcp::socket socket_;
  std::string buffer_;  // the input is buffer_[begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string output_;
  std::shared_ptr<Rest> rest_;  // output that the socket did not take at once, while it is sent
  std::uint64_t sent_size_ = 0;  // octets of output, from the first on, that are sent
  Condition sent_;  // notified when rest_ is, or cannot be
  bool may_write_at_once_ = false;
  bool flush_due_ = false;  // at the end of this turn of the loop
  asio::error_code send_error_;
  std::size_t& lingering_;
  Clock::duration write_limit_;
  Clock::time_point deadline_ = Clock::time_point::max();  // of what we wait for
  Clock::duration limit_{};  // the time that it has
  Clock::time_point linger_end_;  // of close(), whatever still comes
  bool receiving_ = false;
  bool cancelled_ = false;  // the last fill() was, by us: not by the application
  bool input_ended_ = false;  // the client has ended its sending side, or has gone
  bool timed_out_ = false;
  bool idle_ = false;
  bool interrupted_ = false;
  bool stopping_ = false;
  bool refused_ = false;
};
