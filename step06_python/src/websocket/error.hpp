#pragma once

#include <cstdint>
#include <stdexcept>

namespace websocket {

/// What the client sent fails the WebSocket connection (RFC 6455 section 7.1.7).
class Error : public std::runtime_error {
 public:
  /// `close_code` is the one to close with (RFC 6455 section 7.4.1); `rule` is the rule that was
  /// broken, in one line of at most 123 octets, with nothing in it that came from the client.
  Error(std::uint16_t close_code, const char* rule)
      : std::runtime_error(rule), close_code_(close_code) {}

  std::uint16_t close_code() const { return close_code_; }
  const char* rule() const { return what(); }

 private:
  std::uint16_t close_code_;
};

}  // namespace websocket
