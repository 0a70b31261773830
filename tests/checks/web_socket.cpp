#include "web_socket.hpp"

#include "check.hpp"

namespace {

std::string in_words(const Expected& expected) {
  Frame frame{true, 0, expected.opcode, false, expected.payload.size(), 2, true, expected.payload};
  return in_words(frame, Side::server);
}

std::string code_of(const std::string& payload) { return payload.substr(0, 2); }

bool is(const Frame& frame, const Expected& expected) {
  const bool close = expected.opcode == Opcode::close;
  const std::string payload = close ? code_of(frame.payload) : frame.payload;
  return frame.opcode == expected.opcode && payload == expected.payload;
}

bool is_known(Opcode opcode) {
  const int number = static_cast<int>(opcode);
  return number <= 2 || (number >= 8 && number <= 10);
}

}  // namespace

std::string Handshake::bytes() const {
  return method + ' ' + path + ' ' + version + "\r\nHost: x\r\n" + upgrade + connection + key +
         socket_version + more + "\r\n";
}

Expected closed(int code) { return {Opcode::close, close_payload(code)}; }

WebSocket::WebSocket(const tcp::endpoint& server, const Handshake& handshake,
                     const std::string& behind, Client::Reading reading)
    : client_(server, reading),
      opened_("a WebSocket at " + handshake.path),
      handshake_size_(handshake.bytes().size()) {
  client_.send(handshake.bytes() + behind);
  if (reading == Client::Reading::always) open();
}

void WebSocket::start_reading() {
  client_.start_reading();
  open();
}

void WebSocket::open() {
  answer_ = client_.read_any_answer();
  expect_status(client_, answer_, {101});
  const std::string agreed = answer_.find("sec-websocket-extensions").value_or("");
  if (!agreed.empty()) compression_ = std::make_unique<Compression>(agreed);
  client_.begin_frames(opened_ + (agreed.empty() ? "" : ", with " + agreed), handshake_size_);
}

// The rules that a server's frame keeps (RFC 6455 sections 5.1, 5.2 and 5.5, RFC 7692 section 6).
void WebSocket::check(const Frame& frame) {
  const bool first_of_message = frame.opcode == Opcode::text || frame.opcode == Opcode::binary;
  const int allowed = compression_ && first_of_message ? 4 : 0;
  std::string expected;
  if (frame.masked) expected = "a frame that is not masked: only clients mask";
  if (!frame.shortest) expected = "a length in its shortest form";
  if ((frame.rsv & ~allowed) != 0) expected = "a frame without RSV bits";
  if (!is_known(frame.opcode)) expected = "a frame with an opcode that is not reserved";
  if (is_control(frame.opcode) && !frame.fin) expected = "a control frame with FIN";
  if (is_control(frame.opcode) && frame.length > 125) expected = "a control frame of 125 bytes";
  if (!expected.empty()) client_.fail(client_.position(), expected);
}

Frame WebSocket::read_frame(const std::string& expected) {
  std::optional<Frame> frame;
  std::size_t wanted = 1;
  do {
    if (!client_.wait_for(wanted)) client_.fail(client_.position(), expected);
    frame = parse_frame(client_.unjudged());
    if (frame) check(*frame);
    wanted = frame ? frame->size() : client_.unjudged().size() + 1;
  } while (!frame || !frame->whole());
  client_.pass_over(wanted);
  return *frame;
}

Frame WebSocket::read_message(const std::string& expected) {
  const std::size_t at = client_.position();
  Frame message = read_frame(expected);
  if (message.opcode == Opcode::continuation) client_.fail(at, expected);
  while (!message.fin) {
    const std::size_t next_at = client_.position();
    const Frame next = read_frame("a continuation");
    if (next.opcode != Opcode::continuation) client_.fail(next_at, "a continuation");
    message.payload += next.payload;
    message.fin = next.fin;
  }
  if (message.rsv != 4) return message;
  const auto plain = compression_->decompress(message.payload);
  if (!plain) client_.fail(at, "a payload that can be decompressed");
  message.payload = *plain;
  return message;
}

void WebSocket::expect(const Expected& expected) {
  const std::size_t at = client_.position();
  if (!is(read_message(in_words(expected)), expected)) client_.fail(at, in_words(expected));
}

void WebSocket::expect_behind_texts(const Expected& expected) {
  constexpr int enough = 8;
  for (int texts = 0; texts < enough; ++texts) {
    const std::size_t at = client_.position();
    const Frame message = read_message(in_words(expected));
    if (is(message, expected)) return;
    if (message.opcode != Opcode::text) client_.fail(at, in_words(expected));
  }
  client_.fail(client_.position(), in_words(expected));
}

void WebSocket::expect(const std::vector<Expected>& expected) {
  for (const Expected& next : expected) expect(next);
}

void WebSocket::expect_closing(int code) {
  expect(closed(code));
  client_.send(close_frame(code));
  client_.expect_end();
}
