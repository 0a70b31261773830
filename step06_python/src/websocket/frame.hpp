#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace websocket {

inline constexpr std::size_t max_control_payload = 125;  ///< octets (RFC 6455 section 5.5)

/// What a frame is (RFC 6455 section 5.2).
enum class Opcode : std::uint8_t { continuation, text, binary, close = 8, ping, pong };

/// Whether frames of that opcode stand for themselves, and may come between those of a message.
inline bool is_control(Opcode opcode) { return opcode >= Opcode::close; }

using MaskingKey = std::array<char, 4>;

/// What stands before the payload of a frame that a client has sent.
struct FrameHeader {
  Opcode opcode;
  bool fin;  ///< the last frame of its message
  bool rsv1;  ///< the message is compressed (RFC 7692 section 6)
  std::uint64_t length;  ///< of the payload, in octets
  MaskingKey key;  ///< what the payload is masked with
  std::size_t header_size;  ///< octets of the header itself
};

/// Reads the header of a client's frame. Nothing: it is not complete yet. Throws Error 1002.
std::optional<FrameHeader> parse_frame_header(std::string_view input);

/// Appends `payload` to `out`, unmasked; it begins `offset` octets into the payload of its frame
/// (RFC 6455 section 5.3).
void append_unmasked(std::string& out, std::string_view payload, MaskingKey key,
                     std::uint64_t offset);

/// Appends a whole message, in one frame, as a server sends it: not masked. `compressed` says
/// that the payload is.
void append_frame(std::string& out, Opcode opcode, std::string_view payload,
                  bool compressed = false);

/// The codes that no frame carries and an application is told (RFC 6455 section 7.4.1).
enum CloseCode : std::uint16_t {
  no_code = 1005,  ///< the Close frame had none
  no_close = 1006,  ///< the connection has ended without a Close frame
};

/// Why and how a connection is closed (RFC 6455 sections 7.1.5 and 7.1.6).
struct CloseReason {
  std::uint16_t code = CloseCode::no_code;
  std::string reason;  ///< UTF-8
};

/// Reads the payload of a Close frame. Throws Error 1002, or 1007 when the reason is not UTF-8.
CloseReason parse_close(std::string_view payload);

/// Whether a Close frame may carry that code (RFC 6455 section 7.4).
bool is_valid_close_code(std::uint16_t code);

/// Appends a Close frame; one without a code when that is CloseCode::no_code. The reason is cut,
/// between two characters, to what a control frame holds.
void append_close(std::string& out, const CloseReason& reason);

}  // namespace websocket
