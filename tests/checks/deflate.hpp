#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct z_stream_s;

/// The client's side of permessage-deflate (RFC 7692 section 7.2).
class Compression {
 public:
  /// With these parameters: the value of the answer's Sec-WebSocket-Extensions.
  explicit Compression(std::string_view agreed = "permessage-deflate");

  /// The payload that stands for `message`.
  std::string compress(std::string_view message);

  /// The message that `payload` stands for; nothing: that is not DEFLATE.
  std::optional<std::string> decompress(std::string_view payload);

 private:
  using Stream = std::unique_ptr<z_stream_s, void (*)(z_stream_s*)>;

  Stream deflater_;
  Stream inflater_;
  bool deflater_forgets_;
  bool inflater_forgets_;
};

/// What a client sends as a first message when no parameters were agreed on.
std::string compressed(std::string_view message);
