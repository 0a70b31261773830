#include "frame.hpp"

#include <algorithm>

#include "text.hpp"

namespace {

constexpr std::size_t shown_payload = 30;  // columns
constexpr std::size_t max_lines = 10;  // of frames; more are folded

void append_number(std::string& out, std::uint64_t number, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(number >> shift & 0xff);
  }
}

std::uint64_t to_number(std::string_view octets) {
  std::uint64_t number = 0;
  for (char c : octets) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

int shortest_size(std::uint64_t length) { return length < 126 ? 0 : length < 65536 ? 2 : 8; }

// RFC 6455 section 5.3
std::string apply_mask(std::string_view payload, std::string_view key) {
  std::string masked(payload);
  for (std::size_t i = 0; i < masked.size(); ++i) {
    masked[i] = static_cast<char>(masked[i] ^ key[i % 4]);
  }
  return masked;
}

std::string name(Opcode opcode) {
  switch (opcode) {
    case Opcode::continuation: return "Continuation";
    case Opcode::text: return "Text";
    case Opcode::binary: return "Binary";
    case Opcode::close: return "Close";
    case Opcode::ping: return "Ping";
    case Opcode::pong: return "Pong";
  }
  return "opcode " + std::to_string(static_cast<int>(opcode)) + " (reserved)";
}

std::string in_quotes(std::string_view payload) {
  std::size_t shown = payload.size();
  while (escape(payload.substr(0, shown)).size() > shown_payload) {
    shown = std::min(shown - 1, shown_payload);
  }
  return '"' + escape(payload.substr(0, shown)) + (shown < payload.size() ? "\"..." : "\"");
}

std::string payload_in_words(const Frame& frame) {
  const std::string& payload = frame.payload;
  if (frame.opcode == Opcode::close && payload.size() >= 2 && frame.whole()) {
    const std::string code = std::to_string(to_number(std::string_view(payload).substr(0, 2)));
    return code + (payload.size() > 2 ? ": " + in_quotes(payload.substr(2)) : "");
  }
  if (frame.opcode == Opcode::close && frame.length == 0) return "no code";
  std::string words = counted(static_cast<std::size_t>(frame.length), "byte");
  if (!frame.whole()) words += ", of which " + grouped(payload.size()) + " are here";
  return words + (payload.empty() ? "" : ": " + in_quotes(payload));
}

std::string rest_in_words(std::string_view bytes) {
  return "the beginning of a frame: " + in_quotes(bytes);
}

// Without those in the middle when there are many; the marked one is kept.
std::vector<std::string> fold(const std::vector<std::string>& lines, std::size_t marked,
                              std::size_t& mark_line) {
  std::vector<std::string> kept;
  std::size_t hidden = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool edge = i < max_lines / 2 || i + max_lines / 2 >= lines.size();
    if (!edge && i != marked) {
      ++hidden;
      continue;
    }
    if (hidden > 0) kept.push_back("[" + counted(hidden, "frame") + "]");
    hidden = 0;
    if (i == marked) mark_line = kept.size();
    kept.push_back(lines[i]);
  }
  if (marked >= lines.size()) mark_line = kept.size();
  return kept;
}

}  // namespace

bool is_control(Opcode opcode) { return static_cast<int>(opcode) >= 8; }

std::string frame_header(Opcode opcode, std::uint64_t length, const Writing& writing) {
  const int size = writing.length_size < 0 ? shortest_size(length) : writing.length_size;
  const int first = (writing.fin ? 0x80 : 0) | writing.rsv << 4 | static_cast<int>(opcode);
  const int short_length = size == 0 ? static_cast<int>(length) : size == 2 ? 126 : 127;
  std::string header;
  append_number(header, static_cast<std::uint64_t>(first), 1);
  append_number(header, static_cast<std::uint64_t>((writing.masked ? 0x80 : 0) | short_length), 1);
  append_number(header, length, size);
  return header + (writing.masked ? writing.key : "");
}

std::string frame(Opcode opcode, std::string_view payload, const Writing& writing) {
  return frame_header(opcode, payload.size(), writing) +
         (writing.masked ? apply_mask(payload, writing.key) : std::string(payload));
}

std::string close_payload(int code, std::string_view reason) {
  std::string payload;
  if (code != 1005) append_number(payload, static_cast<std::uint64_t>(code), 2);
  return payload.append(reason);
}

std::string close_frame(int code, std::string_view reason) {
  return frame(Opcode::close, close_payload(code, reason));
}

std::string fragments(Opcode opcode, const std::vector<std::string>& pieces,
                      const std::string& between, int rsv) {
  std::string frames;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    Writing writing;
    writing.fin = i + 1 == pieces.size();
    writing.rsv = i == 0 ? rsv : 0;
    frames += i == 0 ? "" : between;
    frames += frame(i == 0 ? opcode : Opcode::continuation, pieces[i], writing);
  }
  return frames;
}

std::vector<std::string> in_pieces(std::string_view text, std::size_t size) {
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < text.size(); at += size) pieces.emplace_back(text.substr(at, size));
  return pieces;
}

std::optional<Frame> parse_frame(std::string_view bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const auto first = static_cast<unsigned char>(bytes[0]);
  const auto second = static_cast<unsigned char>(bytes[1]);
  const bool masked = (second & 0x80) != 0;
  const std::size_t length_size = (second & 0x7f) == 126 ? 2 : (second & 0x7f) == 127 ? 8 : 0;
  const std::size_t header_size = 2 + length_size + (masked ? 4 : 0);
  if (bytes.size() < header_size) return std::nullopt;
  const std::uint64_t length =
      length_size == 0 ? second & 0x7f : to_number(bytes.substr(2, length_size));
  const std::size_t there =
      static_cast<std::size_t>(std::min<std::uint64_t>(length, bytes.size() - header_size));
  const std::string_view payload = bytes.substr(header_size, there);
  Frame frame{
      (first & 0x80) != 0,
      first >> 4 & 7,
      static_cast<Opcode>(first & 15),
      masked,
      length,
      header_size,
      static_cast<int>(length_size) == shortest_size(length),
      masked ? apply_mask(payload, bytes.substr(2 + length_size, 4)) : std::string(payload)};
  return frame;
}

std::string in_words(const Frame& frame, Side sender) {
  std::string words = name(frame.opcode) + (frame.fin ? ", FIN" : ", no FIN");
  for (int bit = 1; bit <= 3; ++bit) {
    if ((frame.rsv & 8 >> bit) != 0) words += ", RSV" + std::to_string(bit);
  }
  if (frame.masked) words += ", masked";
  if (!frame.masked && sender == Side::client) words += ", not masked";
  const std::size_t length_size = frame.header_size - 2 - (frame.masked ? 4 : 0);
  if (!frame.shortest) words += ", a length of " + std::to_string(length_size) + " bytes";
  return words + ", " + payload_in_words(frame);
}

std::vector<std::string> frames_in_words(std::string_view bytes, Side sender, std::size_t mark,
                                         std::size_t& mark_line) {
  std::vector<std::string> lines;
  std::size_t marked = std::string::npos;  // among all the lines
  for (std::size_t at = 0; at < bytes.size();) {
    const auto frame = parse_frame(bytes.substr(at));
    const std::size_t size = frame && frame->whole() ? frame->size() : bytes.size() - at;
    if (mark >= at && mark < at + size) marked = lines.size();
    lines.push_back(frame ? in_words(*frame, sender) : rest_in_words(bytes.substr(at)));
    at += size;
  }
  return fold(lines, marked, mark_line);
}
