#pragma once

#include <cstdint>
#include <string>

/// What may be set. `--help` says what each member is for, and what is not said again here.
struct Options {
  std::string host = "127.0.0.1";  ///< an address of IPv4 or IPv6, or its name
  std::uint16_t port = 8000;
  bool help = false;  ///< show help_text() and do nothing else
};
