#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/request.hpp"

struct z_stream_s;

/// permessage-deflate: how it is agreed on, and what codes the messages (RFC 7692).
namespace websocket {

/// What client and server have agreed on for permessage-deflate (RFC 7692 section 7.1).
struct DeflateParameters {
  bool server_no_context_takeover = false;  ///< each message of ours is compressed by itself
  bool client_no_context_takeover = false;  ///< each message of the client's
  int server_max_window_bits = 0;  ///< 9 to 15: what the client can decompress; 0: unsaid, 15
  int client_max_window_bits = 0;  ///< 8 to 15: what the client compresses with; 0: unsaid, 15
};

/// Chooses the first of the client's offers (a Sec-WebSocket-Extensions value) that can be met, and
/// the strictest parameters that it names. Nothing: the messages go uncompressed. An offer with a
/// parameter that is unknown, given twice or not valid is passed over.
std::optional<DeflateParameters> negotiate_deflate(std::string_view offers);

/// The same of all offers that a handshake makes.
std::optional<DeflateParameters> negotiate_deflate(const http::Request& request);

/// The value of Sec-WebSocket-Extensions that says what was chosen.
std::string to_extension(const DeflateParameters& parameters);

/// Compresses the messages of one connection, in their order (RFC 7692 section 7.2.1).
class Deflater {
 public:
  explicit Deflater(const DeflateParameters& parameters);

  /// The payload of the frame, whose RSV1 is set, for that message.
  std::string compress(std::string_view message);

 private:
  void compress_piece(std::string_view piece, bool last, std::string& compressed);

  std::unique_ptr<z_stream_s, void (*)(z_stream_s*)> stream_;
  bool forget_;
};

/// Decompresses the messages of one connection, piece by piece (RFC 7692 section 7.2.2).
class Inflater {
 public:
  explicit Inflater(const DeflateParameters& parameters);

  /// Appends what the next piece of the payload yields to `message`, which may grow to `max_size`
  /// octets. Throws Error 1007 when the piece is not DEFLATE, 1009 when the message is larger.
  void decompress(std::string_view piece, std::string& message, std::size_t max_size);

  /// Ends a message, and throws the same.
  void finish(std::string& message, std::size_t max_size);

 private:
  void begin_again();

  std::unique_ptr<z_stream_s, void (*)(z_stream_s*)> stream_;
  bool forget_;
};

}  // namespace websocket
