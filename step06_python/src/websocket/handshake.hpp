#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/request.hpp"

/// The opening handshake: what a client asks for, and what it is answered (RFC 6455 section 4).
namespace websocket {

/// Whether `request` asks to go on in the WebSocket protocol (RFC 6455 section 4.2.1). A request
/// to upgrade in any other way, or to anything else, is answered as if it did not ask.
bool is_handshake(const http::Request& request);

/// Throws http::Error 400, or 426 with the version that is spoken here, when the handshake is not
/// valid. Returns the client's key.
std::string_view check_handshake(const http::Request& request);

/// The value of Sec-WebSocket-Accept for that key: what shows that the server has understood
/// (RFC 6455 section 4.2.2).
std::string accept_key(std::string_view key);

/// What the server answers to a handshake that it accepts.
struct Acceptance {
  std::string_view accept_key;  ///< accept_key() of the client's
  std::string_view subprotocol;  ///< one of those that it offers, or empty for none
  std::string_view extension;  ///< what was chosen of its extensions, or empty for none
};

/// Appends the head of the 101 that opens the WebSocket (RFC 6455 section 4.2.2). `fields` are the
/// application's: those that belong to the server, or that a 101 does not have, are dropped.
void append_acceptance(std::string& out, const Acceptance& acceptance,
                       std::span<const std::pair<std::string, std::string>> fields);

/// What the client offers in Sec-WebSocket-Protocol, in its order of preference.
std::vector<std::string> subprotocols(const http::Request& request);

}  // namespace websocket
