#include "web_socket.hpp"

#include <algorithm>
#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <limits>
#include <utility>

#include "websocket/error.hpp"

namespace websocket {
namespace {

using asio::use_awaitable;

constexpr std::size_t max_queued_messages = 32;
constexpr std::size_t max_queued_size = 64 * 1024;  // octets, exceeded by one message at most
constexpr std::size_t max_compressed_piece = 1024;  // octets, inflated to 1 MiB at most
constexpr std::size_t much = 64 * 1024;  // octets: after as many others have their turn
constexpr std::size_t worth_compressing = 64;  // octets: shorter messages gain nothing
constexpr std::chrono::seconds close_timeout(5);  // for the client to answer our Close
constexpr std::chrono::seconds answer_timeout(2);  // for the application to answer what came before
constexpr std::chrono::hours no_timeout(24 * 365);

std::size_t limit_or_none(std::size_t limit) {
  return limit == 0 ? std::numeric_limits<std::size_t>::max() : limit;
}

Disconnected closed() { return Disconnected(asio::error::make_error_code(asio::error::eof)); }

}  // namespace

WebSocket::WebSocket(Connection& connection, const Options& options,
                     const std::optional<DeflateParameters>& deflate)
    : connection_(connection),
      options_(options),
      max_size_(limit_or_none(options.ws_max_size)),
      held_(limit_or_none(options.ws_max_memory)),
      taken_(connection.executor()),
      changed_(connection.executor()) {
  if (!deflate) return;
  deflater_.emplace(*deflate);
  inflater_.emplace(*deflate);
}

awaitable<void> WebSocket::read() {
  try {
    co_await read_and_close();
  } catch (const std::exception&) {  // no memory even for a Close: end it, so that nobody waits
    connection_.abort();
    end({CloseCode::no_close, ""});
  }
  read_returned_ = true;
  notify();
}

awaitable<void> WebSocket::read_and_close() {
  std::optional<CloseReason> failure;
  try {
    co_await read_frames();
  } catch (const Error& error) {
    failure = CloseReason{error.close_code(), error.rule()};
  } catch (const Disconnected&) {
    end({CloseCode::no_close, ""});
  } catch (const std::exception&) {
    failure = CloseReason{1011, ""};
  }
  message_ = Message();  // nothing more is made of it
  count_held();
  if (failure) co_await wait_until_answered();
  if (failure && !close_sent_) co_await send_close_at_once(*std::move(failure));
  // It is the server that closes (RFC 6455 section 7.1.1). A client that has let the time for its
  // Close, or its pong, pass is not waited for again.
  if (connection_.timed_out()) connection_.hang_up();
  co_await connection_.close();
}

awaitable<void> WebSocket::read_frames() {
  while (!close_received_) {
    const FrameHeader header = co_await read_header();
    if (is_control(header.opcode)) {
      co_await read_control(header);
    } else {
      co_await read_data(header);
    }
  }
}

awaitable<FrameHeader> WebSocket::read_header() {
  if (!in_message_) connection_.shrink();
  std::optional<FrameHeader> header = parse_frame_header(connection_.input());
  while (!header) {
    co_await receive_more();
    header = parse_frame_header(connection_.input());
  }
  connection_.consume(header->header_size);
  co_return *header;
}

// The payload is unmasked, decompressed and checked as it comes: what can be refused is refused
// before the frame is whole.
awaitable<void> WebSocket::read_data(FrameHeader header) {
  begin_message(header);
  co_await wait_for_room();
  std::uint64_t offset = 0;
  while (offset < header.length) {
    if (connection_.input().empty()) co_await receive_more();
    const std::uint64_t rest = header.length - offset;
    const std::string_view piece = connection_.input().substr(
        0, compressed_ ? std::min<std::uint64_t>(rest, max_compressed_piece) : rest);
    const std::size_t before = message_.payload.size();
    append(piece, header, offset);
    offset += piece.size();
    connection_.consume(piece.size());
    const bool grown = message_.payload.size() - before > much;
    if (grown) co_await asio::post(connection_.executor(), use_awaitable);
  }
  if (!header.fin) co_return;
  finish_message();
  deliver();
}

awaitable<void> WebSocket::read_control(FrameHeader header) {
  while (connection_.input().size() < header.length) co_await receive_more();
  std::string payload;
  append_unmasked(payload, connection_.input().substr(0, header.length), header.key, 0);
  connection_.consume(header.length);
  if (header.opcode == Opcode::close) {
    co_await wait_until_answered();
    answer_close(payload);
  }
  if (header.opcode == Opcode::ping && !close_sent_) {
    append_frame(connection_.output(), Opcode::pong, payload);
  }
  const bool sent = connection_.flush_soon(!connection_.input().empty());
  if (!sent) co_await connection_.flush();
}

// Waits for input. A client that is silent is pinged, and given up when that does not wake it; one
// that was sent a Close has a time of its own, which send_close() has set.
awaitable<void> WebSocket::receive_more() {
  bool more = false;
  while (!more) {
    const std::chrono::seconds limit =
        pinged_ ? options_.ws_ping_timeout : options_.ws_ping_interval;
    if (!close_sent_) connection_.idle_for(limit.count() == 0 ? no_timeout : limit);
    more = co_await connection_.fill();
    if (more) break;
    if (close_sent_) throw closed();
    if (connection_.timed_out() && !pinged_) {
      append_frame(connection_.output(), Opcode::ping, "");
      pinged_ = true;
      co_await connection_.flush();  // its time to answer begins when it can
    } else if (connection_.stopping()) {
      send_close({1012, ""});
    } else {
      throw closed();
    }
  }
  pinged_ = false;
}

// Back-pressure: the client's next message stays where it is while the application is too slow. The
// control frames before it have been answered.
awaitable<void> WebSocket::wait_for_room() {
  while (!ended_ && (messages_.size() > max_queued_messages || queued_size_ > max_queued_size)) {
    if (connection_.stopping()) co_return;  // the next receive_more() says so
    co_await taken_.wait_until(Clock::now() + std::chrono::seconds(1));
  }
}

void WebSocket::deliver() {
  if (ended_) return;  // nobody will ask for it
  queued_size_ += message_.payload.size();
  messages_.push_back(std::exchange(message_, Message()));
  notify();
}

// What came before a Close, or before a frame that breaks a rule, may still be answered.
awaitable<void> WebSocket::wait_until_answered() {
  const Clock::time_point limit = Clock::now() + answer_timeout;
  while (!ended_ && (answering_ || !messages_.empty()) && Clock::now() < limit) {
    co_await taken_.wait_until(limit);
  }
}

void WebSocket::notify() {
  changed_.notify();
  taken_.notify();
}

// Data frames of two messages do not mix (RFC 6455 section 5.4).
void WebSocket::begin_message(const FrameHeader& header) {
  const bool continues = header.opcode == Opcode::continuation;
  if (continues && !in_message_) throw Error(1002, "a continuation frame continues a message");
  if (!continues && in_message_) throw Error(1002, "a message is ended before the next one begins");
  if (header.rsv1 && (continues || !inflater_)) throw Error(1002, "RSV1 is 0 in this frame");
  if (!continues) {
    message_.opcode = header.opcode;
    message_.payload.clear();
    compressed_ = header.rsv1;
    utf8_ = Utf8Validator();
  }
  in_message_ = !header.fin;
  // The size of a compressed message is known only to the inflater.
  const bool too_large = !compressed_ && header.length > size_limit() - message_.payload.size();
  if (too_large) throw Error(1009, "the message is too large");
}

// How large the message under way may become. It is asked for each piece, not once for each frame:
// others may have taken the memory meanwhile.
std::size_t WebSocket::size_limit() const {
  return std::min(max_size_, held_.room() - queued_size_);
}

void WebSocket::count_held() { held_.set(queued_size_ + message_.payload.size()); }

void WebSocket::append(std::string_view masked, const FrameHeader& header, std::uint64_t offset) {
  const std::size_t before = message_.payload.size();
  if (compressed_) {
    std::string unmasked;
    append_unmasked(unmasked, masked, header.key, offset);
    inflater_->decompress(unmasked, message_.payload, size_limit());
  } else if (masked.size() <= size_limit() - message_.payload.size()) {
    append_unmasked(message_.payload, masked, header.key, offset);
  } else {
    throw Error(1009, "the message is too large");
  }
  count_held();
  const std::string_view added = std::string_view(message_.payload).substr(before);
  if (message_.opcode == Opcode::text && !utf8_.feed(added)) throw Error(1007, "a text is UTF-8");
}

void WebSocket::finish_message() {
  const std::size_t before = message_.payload.size();
  if (compressed_) inflater_->finish(message_.payload, size_limit());
  count_held();
  if (message_.opcode != Opcode::text) return;
  const std::string_view added = std::string_view(message_.payload).substr(before);
  if (!utf8_.feed(added) || !utf8_.complete()) throw Error(1007, "a text is UTF-8");
}

// A Close is answered with a Close (RFC 6455 section 5.5.1).
void WebSocket::answer_close(std::string_view payload) {
  CloseReason reason = parse_close(payload);
  close_received_ = true;
  if (close_sent_) return;
  append_close(connection_.output(), reason);
  close_sent_ = true;
  end(std::move(reason));
}

// Fails the WebSocket (RFC 6455 section 7.1.7). Whether the client still hears it does not matter.
awaitable<void> WebSocket::send_close_at_once(CloseReason reason) {
  send_close(std::move(reason));
  try {
    co_await connection_.flush();
  } catch (const Disconnected&) {
  }
}

// The first reason stays.
void WebSocket::end(CloseReason reason) {
  if (!ended_) close_reason_ = std::move(reason);
  ended_ = true;
  notify();
}

void WebSocket::send_close(CloseReason reason) {
  append_close(connection_.output(), reason);
  close_sent_ = true;
  connection_.expect_within(close_timeout);
  end(std::move(reason));
}

std::optional<Message> WebSocket::poll() {
  if (std::exchange(answering_, false)) notify();
  if (messages_.empty()) return std::nullopt;
  Message message = std::move(messages_.front());
  messages_.pop_front();
  queued_size_ -= message.payload.size();
  count_held();
  answering_ = true;
  notify();
  return message;
}

awaitable<void> WebSocket::wait() {
  while (messages_.empty() && !ended_) co_await changed_.wait();
}

bool WebSocket::send(Opcode opcode, std::string_view payload) {
  if (ended_) throw closed();
  const bool compress = deflater_ && payload.size() >= worth_compressing;
  if (compress) {
    append_frame(connection_.output(), opcode, deflater_->compress(payload), true);
  } else {
    append_frame(connection_.output(), opcode, payload);
  }
  // The answer to the last of several messages that came together takes the others along.
  return connection_.flush_soon(!messages_.empty() || !connection_.input().empty());
}

void WebSocket::close(CloseReason reason) {
  if (ended_) throw closed();
  send_close(std::move(reason));
}

awaitable<void> WebSocket::wait_until_read() {
  while (!read_returned_) co_await changed_.wait();
}

}  // namespace websocket
