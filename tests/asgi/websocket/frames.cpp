#include "frames.hpp"

#include <stdexcept>

namespace {

constexpr std::string_view mask = "\x37\xfa\x21\x3d";  // any four octets (RFC 6455 section 5.3)

std::string big_endian(std::uint64_t number, int size) {
  std::string octets;
  for (int i = size - 1; i >= 0; --i) octets += static_cast<char>(number >> (8 * i));
  return octets;
}

std::uint64_t to_number(std::string_view octets) {
  std::uint64_t number = 0;
  for (const char octet : octets) number = number << 8 | static_cast<unsigned char>(octet);
  return number;
}

std::string in_quotes(std::string_view payload) { return '\'' + std::string(payload) + '\''; }

std::string describe(std::uint64_t opcode, std::string_view payload) {
  if (opcode == 1) return "text " + in_quotes(payload);
  if (opcode == 2) return "bytes " + in_quotes(payload);
  if (opcode == 9) return "ping " + in_quotes(payload);
  if (opcode == 10) return "pong " + in_quotes(payload);
  if (opcode != 8) throw std::runtime_error("an opcode that is not used");
  if (payload.empty()) return "close without a code";
  return "close " + std::to_string(to_number(payload.substr(0, 2))) + ' ' +
         in_quotes(payload.substr(2));
}

}  // namespace

std::string handshake(std::string_view fields) {
  const std::string upgrade =
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  return get("/", upgrade + std::string(fields));
}

std::string open_websocket(Client& client, std::string_view fields) {
  client.send(handshake(fields));
  std::string head = client.read_until("\r\n\r\n");
  if (head.find("HTTP/1.1 101 ") != 0) throw std::runtime_error("the handshake failed: " + head);
  return head;
}

std::string frame(int start, std::string_view payload) {
  std::string octets = big_endian(start, 1);
  if (payload.size() < 126) {
    octets += big_endian(0x80 | payload.size(), 1);
  } else if (payload.size() <= 0xffff) {
    octets += big_endian(0x80 | 126, 1) + big_endian(payload.size(), 2);
  } else {
    octets += big_endian(0x80 | 127, 1) + big_endian(payload.size(), 8);
  }
  octets += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    octets += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
  }
  return octets;
}

std::string text_frame(std::string_view payload) { return frame(0x81, payload); }

std::string binary_frame(std::string_view payload) { return frame(0x82, payload); }

std::string ping_frame(std::string_view payload) { return frame(0x89, payload); }

std::string close_frame() { return frame(0x88, ""); }

std::string close_frame(std::uint16_t code, std::string_view reason) {
  return frame(0x88, big_endian(code, 2) + std::string(reason));
}

std::string next_frame(Client& client) {
  const std::string start = client.read(2);
  if (start.empty()) return "end";
  const std::uint64_t flags = to_number(start.substr(0, 1)) & 0xf0;
  if (flags != 0x80 && flags != 0xc0) throw std::runtime_error("a frame that is no whole message");
  std::uint64_t length = to_number(start.substr(1));
  if (length > 127) throw std::runtime_error("a frame that is masked");
  if (length >= 126) length = to_number(client.read(length == 126 ? 2 : 8));
  const std::string payload = client.read(length);
  if (payload.size() < length) throw std::runtime_error("the connection ended within a frame");
  return (flags == 0xc0 ? "compressed " : "") + describe(to_number(start) >> 8 & 0xf, payload);
}

std::string frames_to_end(Client& client) {
  std::string frames;
  for (std::string next = next_frame(client); next != "end"; next = next_frame(client)) {
    if (next.starts_with("close ")) client.send(close_frame());
    frames += next + '\n';
  }
  client.leave();
  return frames;
}
