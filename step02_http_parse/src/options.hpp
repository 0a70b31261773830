#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

/// What the command line can set.
struct Options {
  std::string host = "127.0.0.1";  ///< the address to listen on: IPv4 or IPv6, or its name
  std::uint16_t port = 8000;  ///< the port to listen on; 0: the system picks a free one
  bool help = false;  ///< show help_text() and do nothing else
};

/// The command line is not understood; what() says why, in one line.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads the arguments of main(): `--name value` or `--name=value`. A value that begins with `--`
/// has to be given in the second way. Throws UsageError.
Options parse_options(int argc, const char* const* argv);

/// The options, a line each, for `--help`.
std::string help_text();
