#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "condition.hpp"
#include "connection.hpp"
#include "options.hpp"
#include "utf8.hpp"
#include "websocket/deflate.hpp"
#include "websocket/frame.hpp"
#include "websocket/held.hpp"

/// An open WebSocket: its client's messages are read beside the application that answers them.
namespace websocket {

/// A whole message: its frames joined, decompressed, and checked.
struct Message {
  Opcode opcode = Opcode::text;  ///< text or binary
  std::string payload;  ///< of a text: UTF-8
};

/// The server's end of an open WebSocket. Two coroutines use it: read() runs beside the
/// application, so that pings and a Close are answered while that is busy; the application
/// receives, sends and closes.
class WebSocket {
 public:
  /// The handshake is done: `connection` stands at the first frame. It and `options` outlive this.
  WebSocket(Connection& connection, const Options& options,
            const std::optional<DeflateParameters>& deflate);

  /// Reads frames until both sides have said Close, the client has gone or broken a rule, or its
  /// time is up; then closes the connection. Waits while the application takes messages more slowly
  /// than they come.
  awaitable<void> read();

  /// The application asks for the next message: it has answered the one before. Nothing: none is
  /// there yet; or none will come any more if it is not open, and close_reason() says why.
  std::optional<Message> poll();

  /// Waits until a message is there, or none will come any more.
  awaitable<void> wait();

  /// Writes a message to the output, which leaves at once or soon. False: Connection::flush() has
  /// to wait for that. Throws Disconnected when the WebSocket is closed.
  bool send(Opcode opcode, std::string_view payload);

  /// Writes a Close, after which nothing is sent; read() waits for the client's. Throws as send().
  void close(CloseReason reason);

  /// Waits until read() has returned.
  awaitable<void> wait_until_read();

  /// Whether neither side has sent a Close and the client is still there.
  bool is_open() const { return !ended_; }

  /// Who or what ended it first, once it is not open.
  const CloseReason& close_reason() const { return close_reason_; }

 private:
  awaitable<void> read_and_close();
  awaitable<void> read_frames();
  awaitable<FrameHeader> read_header();
  awaitable<void> read_data(FrameHeader header);
  awaitable<void> read_control(FrameHeader header);
  awaitable<void> receive_more();
  awaitable<void> wait_for_room();
  void deliver();
  awaitable<void> wait_until_answered();
  void notify();
  void begin_message(const FrameHeader& header);
  void append(std::string_view masked, const FrameHeader& header, std::uint64_t offset);
  void finish_message();
  std::size_t size_limit() const;
  void count_held();
  void answer_close(std::string_view payload);
  void end(CloseReason reason);
  void send_close(CloseReason reason);
  awaitable<void> send_close_at_once(CloseReason reason);

  Connection& connection_;
  const Options& options_;
  const std::size_t max_size_;
  Held held_;
  std::optional<Deflater> deflater_;
  std::optional<Inflater> inflater_;

  bool in_message_ = false;  // the last frame of a message is still to come
  bool compressed_ = false;  // the message under way is
  Message message_;  // as much of it as has come
  Utf8Validator utf8_;

  std::deque<Message> messages_;  // whole, and not yet taken by the application
  std::size_t queued_size_ = 0;  // octets in them
  bool answering_ = false;  // the application has taken a message, and not asked for the next one
  Condition taken_;  // read() waits for what the application does
  Condition changed_;  // the application waits for what read() does
  bool pinged_ = false;  // a ping of ours is not yet answered
  bool close_sent_ = false;
  bool close_received_ = false;
  bool ended_ = false;
  bool read_returned_ = false;
  CloseReason close_reason_;
};

}  // namespace websocket
