#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/request.hpp"

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

/// What the client offers in Sec-WebSocket-Protocol, in its order of preference.
std::vector<std::string> subprotocols(const http::Request& request);

}  // namespace websocket
