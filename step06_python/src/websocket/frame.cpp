#include "websocket/frame.hpp"

#include <algorithm>
#include <cstring>

#include "utf8.hpp"
#include "websocket/error.hpp"

namespace websocket {
namespace {

// The big-endian number that `octets` are.
std::uint64_t to_number(std::string_view octets) {
  std::uint64_t number = 0;
  for (const char c : octets) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

void append_octets(std::string& out, std::uint64_t number, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(number >> shift);
  }
}

Opcode to_opcode(int bits) {
  constexpr int last_data = 2, first_control = 8, last_control = 10;
  if (bits <= last_data || (bits >= first_control && bits <= last_control)) return Opcode(bits);
  throw Error(1002, "the opcodes 3 to 7 and 11 to 15 are reserved");
}

// Payload length (7 bits), Extended payload length (16 or 64)       (RFC 6455 section 5.2)
std::optional<std::uint64_t> parse_length(std::string_view input, std::size_t extended) {
  const auto octet = static_cast<std::uint64_t>(input[1] & 0x7f);
  if (input.size() < 2 + extended) return std::nullopt;
  if (extended == 0) return octet;
  const std::uint64_t length = to_number(input.substr(2, extended));
  const std::uint64_t shorter_max = extended == 2 ? 125 : 0xffff;
  if (length <= shorter_max) throw Error(1002, "a payload length is in its shortest form");
  if (length >> 63 != 0) throw Error(1002, "a payload length has 63 bits at most");
  return length;
}

void check_control(const FrameHeader& header) {
  if (!is_control(header.opcode)) return;
  if (!header.fin) throw Error(1002, "a control frame is not fragmented");
  if (header.rsv1) throw Error(1002, "a control frame is not compressed");
}

}  // namespace

// frame = FIN RSV1 RSV2 RSV3 opcode MASK length [ extended length ] masking-key payload
//                                                                   (RFC 6455 section 5.2)
std::optional<FrameHeader> parse_frame_header(std::string_view input) {
  if (input.size() < 2) return std::nullopt;
  FrameHeader header;
  header.fin = (input[0] & 0x80) != 0;
  header.rsv1 = (input[0] & 0x40) != 0;
  header.opcode = to_opcode(input[0] & 0x0f);
  if ((input[0] & 0x30) != 0) throw Error(1002, "RSV2 and RSV3 are 0");
  check_control(header);
  if ((input[1] & 0x80) == 0) throw Error(1002, "a client masks its frames");
  const int short_length = input[1] & 0x7f;
  const bool too_long = short_length > static_cast<int>(max_control_payload);
  if (is_control(header.opcode) && too_long) {
    throw Error(1002, "a control frame has at most 125 octets");
  }
  const std::size_t extended = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  const std::optional<std::uint64_t> length = parse_length(input, extended);
  header.header_size = 2 + extended + header.key.size();
  if (!length || input.size() < header.header_size) return std::nullopt;
  header.length = *length;
  std::copy_n(input.data() + 2 + extended, header.key.size(), header.key.begin());
  return header;
}

// transformed-octet-i = original-octet-i XOR masking-key-octet-(i MOD 4), here eight at a time
//                                                                   (RFC 6455 section 5.3)
void append_unmasked(std::string& out, std::string_view payload, MaskingKey key,
                     std::uint64_t offset) {
  std::rotate(key.begin(), key.begin() + static_cast<std::ptrdiff_t>(offset % 4), key.end());
  std::array<char, 8> twice;
  std::copy(key.begin(), key.end(), twice.begin());
  std::copy(key.begin(), key.end(), twice.begin() + 4);
  std::uint64_t mask;
  std::memcpy(&mask, twice.data(), sizeof mask);
  const std::size_t start = out.size();
  out += payload;
  char* at = out.data() + start;
  char* const end = out.data() + out.size();
  for (; end - at >= 8; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    word ^= mask;
    std::memcpy(at, &word, sizeof word);
  }
  for (int i = 0; at != end; ++at, ++i) *at = static_cast<char>(*at ^ twice[i]);
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload, bool compressed) {
  constexpr std::size_t longest_header = 10;
  out.reserve(out.size() + longest_header + payload.size());  // throws before a part is written
  out += static_cast<char>(0x80 | (compressed ? 0x40 : 0) | static_cast<int>(opcode));
  if (payload.size() <= 125) {
    out += static_cast<char>(payload.size());
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(126);
    append_octets(out, payload.size(), 2);
  } else {
    out += static_cast<char>(127);
    append_octets(out, payload.size(), 8);
  }
  out += payload;
}

// Close frame body = [ status code (2 octets) [ reason (UTF-8) ] ]  (RFC 6455 section 5.5.1)
CloseReason parse_close(std::string_view payload) {
  if (payload.empty()) return {};
  if (payload.size() == 1) throw Error(1002, "a close code has two octets");
  const auto code = static_cast<std::uint16_t>(to_number(payload.substr(0, 2)));
  if (!is_valid_close_code(code)) throw Error(1002, "this close code is not sent in a Close frame");
  const std::string_view reason = payload.substr(2);
  Utf8Validator utf8;
  if (!utf8.feed(reason) || !utf8.complete()) throw Error(1007, "the close reason is not UTF-8");
  return {code, std::string(reason)};
}

bool is_valid_close_code(std::uint16_t code) {
  const bool reserved = code == 1004 || code == CloseCode::no_code || code == CloseCode::no_close;
  return (code >= 1000 && code <= 1014 && !reserved) || (code >= 3000 && code <= 4999);
}

void append_close(std::string& out, const CloseReason& reason) {
  std::string payload;
  if (reason.code != CloseCode::no_code) {
    append_octets(payload, reason.code, 2);
    std::size_t size = std::min(reason.reason.size(), max_control_payload - payload.size());
    const auto continues = [](char c) { return (c & 0xc0) == 0x80; };
    while (size < reason.reason.size() && size > 0 && continues(reason.reason[size])) --size;
    payload.append(reason.reason, 0, size);
  }
  append_frame(out, Opcode::close, payload);
}

}  // namespace websocket
