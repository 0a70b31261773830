#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a frame is for (RFC 6455 section 5.2). Opcode(3) and the like are reserved.
enum class Opcode { continuation, text, binary, close = 8, ping, pong };

/// Whether it is one of the opcodes from 8 on.
bool is_control(Opcode opcode);

/// How a client's frame is written, where that is not the usual way.
struct Writing {
  bool fin = true;
  int rsv = 0;  ///< RSV1 is 4, RSV2 is 2, RSV3 is 1
  bool masked = true;
  std::string key = "\x37\xfa\x21\x3d";  ///< the masking key of RFC 6455 section 5.7
  int length_size = -1;  ///< octets of the extended length: 0, 2 or 8; -1: the shortest form
};

/// The header of a client's frame, with a payload of that length to follow.
std::string frame_header(Opcode opcode, std::uint64_t length, const Writing& writing = {});

/// A client's frame.
std::string frame(Opcode opcode, std::string_view payload = "", const Writing& writing = {});

/// The payload of a Close; 1005, which is never sent, stands for none.
std::string close_payload(int code, std::string_view reason = "");

/// A client's Close.
std::string close_frame(int code, std::string_view reason = "");

/// A client's message in several frames, with `between` before each but the first of them. `rsv`
/// is that of the first.
std::string fragments(Opcode opcode, const std::vector<std::string>& pieces,
                      const std::string& between = "", int rsv = 0);

/// `text` in pieces of so many bytes.
std::vector<std::string> in_pieces(std::string_view text, std::size_t size);

/// A frame, or as much of it as is there.
struct Frame {
  bool fin;
  int rsv;
  Opcode opcode;
  bool masked;
  std::uint64_t length;  ///< of the payload, as the header says
  std::size_t header_size;
  bool shortest;  ///< the length is written in the shortest form
  std::string payload;  ///< what of it is there, unmasked

  /// All of it is there.
  bool whole() const { return payload.size() == length; }

  /// In octets, header and payload.
  std::size_t size() const { return header_size + static_cast<std::size_t>(length); }
};

/// The frame that `bytes` begin with. Nothing: not even its header is complete.
std::optional<Frame> parse_frame(std::string_view bytes);

/// Who sends a frame: a client masks it, a server does not.
enum class Side { client, server };

/// A frame in words, as in: Text, FIN, masked, 5 bytes: "Hello"
std::string in_words(const Frame& frame, Side sender);

/// Frames in words, a line each. `mark`: the line of the frame in which that byte is goes to
/// `mark_line`.
std::vector<std::string> frames_in_words(std::string_view bytes, Side sender, std::size_t mark,
                                         std::size_t& mark_line);
