#pragma once

#include <string>
#include <vector>

#include "check.hpp"
#include "web_socket.hpp"

/// Frames that a client sends on a WebSocket, and the frames that must come back. Where these do
/// not end with a Close, the client closes then. Judged in one piece and byte by byte.
struct Talk {
  std::string name;
  std::string frames;
  std::vector<Expected> expected;
  Handshake handshake = {};

  /// At another path than /ws/echo.
  Talk at(const std::string& path) && {
    handshake.path = path;
    return std::move(*this);
  }

  /// With permessage-deflate, which every client may offer so.
  Talk with_deflate() && {
    handshake.more = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    return std::move(*this);
  }
};

/// The server answers these frames with those.
Talk talks(const std::string& name, const std::string& frames, std::vector<Expected> expected);

/// A message that comes back as it is.
Talk echoes(const std::string& name, Opcode opcode, const std::string& message);

/// The server closes with that code, after it has answered what came before with `expected`.
Talk fails(const std::string& name, const std::string& frames, int code,
           std::vector<Expected> expected = {});

/// Makes each talk a check of its own, like register_table().
int register_talks(const char* file, unsigned line, std::vector<RuleOf<Talk>> rules);
