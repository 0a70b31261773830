#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "client.hpp"

/// What a client says and hears over a WebSocket (RFC 6455), written without the server's code.

/// The request of a handshake; `fields` are whole lines.
std::string handshake(std::string_view fields = "");

/// Sends a handshake, which must succeed. The head of the answer.
std::string open_websocket(Client& client, std::string_view fields = "");

/// A client's frame. `start` is its first octet: FIN is 0x80, RSV1 is 0x40, then the opcode.
std::string frame(int start, std::string_view payload);

/// Whole messages.
std::string text_frame(std::string_view payload);
std::string binary_frame(std::string_view payload);

/// Control frames. Without a code the Close is empty.
std::string ping_frame(std::string_view payload = "");
std::string close_frame();
std::string close_frame(std::uint16_t code, std::string_view reason = "");

/// The server's next frame, in words: "text 'Hello'", "bytes ''", "ping ''", "pong ''",
/// "close 1000 'reason'", "close without a code"; "compressed " goes before that. "end" is the end
/// of the connection. Throws std::runtime_error for a frame that this server never sends.
std::string next_frame(Client& client);

/// The frames up to the end of the connection, each ended by LF. A Close is answered, and the
/// connection ended from this side too.
std::string frames_to_end(Client& client);
