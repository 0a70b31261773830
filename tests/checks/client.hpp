#pragma once

#include <asio.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "answer.hpp"
#include "story.hpp"

using asio::ip::tcp;

/// One connection to the judged server, used like a blocking one but with a deadline for all that
/// must happen. It keeps the story of what was sent and received; what must happen and does not
/// is thrown as a Failure that tells it.
class Client {
 public:
  /// Whether the client takes what the server sends.
  enum class Reading { always, never };

  /// Connects.
  explicit Client(const tcp::endpoint& server, Reading reading = Reading::always);

  /// Sends all of `bytes` in one piece. Stops without complaint when the server has closed: what
  /// it has answered until then is judged by the next read.
  void send(std::string_view bytes);

  /// Sends one byte a write. `until_answered`: stops as soon as the server has said anything.
  void send_byte_by_byte(std::string_view bytes, bool until_answered = false);

  /// What was sent last has opened this. From byte `ours` of it, and from the server's bytes that
  /// were not judged yet, both sides speak WebSocket frames.
  void begin_frames(const std::string& opened, std::size_t ours);

  /// Sends until the server has taken no more for `pause`, or `limit` bytes, and never one more;
  /// returns how many.
  std::size_t send_until_stuck(std::string_view bytes, std::size_t limit,
                               std::chrono::milliseconds pause);

  /// Ends the sending side: the server reads an end, and can still answer.
  void shut_down_sending();

  /// Begins to take what the server sends, if that was not done from the beginning.
  void start_reading();

  /// The next final answer, to a request of that method. Interim answers (1xx but 101) are skipped.
  Answer read_answer(std::string_view method = "GET");

  /// The next answer, interim or final.
  Answer read_any_answer(std::string_view method = "GET");

  /// The answer under way has this beginning of its body, and the connection ends in such a way
  /// that nobody can take it for a whole one.
  void expect_cut_off(std::string_view method, std::string_view beginning);

  /// The next bytes are these.
  void expect_bytes(std::string_view bytes);

  /// The connection ends here, in order, and nothing else comes before.
  void expect_end(const std::string& expected = "the end of the connection");

  /// Waits, without taking anything, until the server has sent something.
  void await_any_byte();

  /// Waits until all of `bytes` have been received, somewhere in what comes next.
  void await_bytes(std::string_view bytes);

  /// Waits, as long as one may, until the connection has ended, in order or not; what still
  /// came is passed over.
  void await_end(const std::string& expected);

  /// What was sent last has not been met with a reset.
  void expect_not_refused();

  /// Sends a byte that is not part of the story, every now and then, until the server has closed.
  void poke_until_closed();

  /// From now on this client waits that long for what must happen.
  void wait_up_to(std::chrono::milliseconds time) { patience_ = time; }

  /// Closes the connection; it was the last that this client does.
  void close();

  /// The same, but breaks it off: the server's next read or write fails.
  void reset();

  /// Tries to connect to a server that should no longer listen; false: refused.
  static bool can_connect(const tcp::endpoint& server);

  /// Adds something to the story that is neither sent nor received.
  void note(const std::string& words);

  /// The check fails: `expected` should have stood at offset `at` of all that was received.
  [[noreturn]] void fail(std::size_t at, const std::string& expected);

  /// Our own address, as the server sees it.
  tcp::endpoint address() const { return socket_.local_endpoint(); }

  /// Everything received so far.
  std::string_view received() const { return received_; }

  /// How far the received bytes have been judged.
  std::size_t position() const { return position_; }

  /// The received bytes that have not been judged.
  std::string_view unjudged() const { return received().substr(position_); }

  /// Waits until so many bytes have not been judged; false: they do not come.
  bool wait_for(std::size_t size);

  /// So many bytes have been judged.
  void pass_over(std::size_t size) { position_ += size; }

  /// Whether no more can come.
  bool ended() const { return end_ != End::none; }

  /// Lets time pass while the connection is served; true when it ended meanwhile.
  bool ended_within(std::chrono::milliseconds time);

 private:
  enum class End { none, closed, reset };

  bool wait_until(const std::function<bool()>& done, std::chrono::nanoseconds time);
  bool wait_patiently(const std::function<bool()>& done, std::chrono::milliseconds time);
  bool wait_for_more();
  void write(std::string_view bytes);
  void read_more();
  Event sent_event(std::string_view bytes, const std::string& how) const;
  void tell_received();
  std::string ending() const;

  tcp::endpoint server_;
  asio::io_context io_;
  tcp::socket socket_;
  std::string chunk_;
  std::string received_;
  std::size_t told_ = 0;  // how much of received_ is in the story
  std::size_t position_ = 0;  // how much of received_ has been judged
  std::size_t event_begin_ = 0;  // where the last received event of the story begins
  std::optional<std::size_t> frames_at_;  // where the server's frames begin
  End end_ = End::none;
  std::chrono::milliseconds patience_;
  bool silent_ = false;  // nothing came for as long as we waited
  bool send_failed_ = false;
  Story story_;
};
