#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

/// Whether the application is asked for its lifespan; "auto": if it has one.
enum class Lifespan { automatic, on, off };

/// What the command line can set.
struct Options {
  std::string host = "127.0.0.1";  ///< the address to listen on: IPv4 or IPv6, or its name
  std::uint16_t port = 8000;  ///< the port to listen on; 0: the system picks a free one
  std::chrono::seconds timeout_keep_alive{75};  ///< silence between two requests
  std::chrono::seconds timeout_request_head{10};  ///< a head, from its first byte
  std::chrono::seconds timeout_request_body{60};  ///< a body that makes no progress
  std::chrono::seconds timeout_write{60};  ///< a client that takes nothing
  std::chrono::seconds timeout_graceful_shutdown{30};  ///< requests under way at a signal
  std::size_t limit_concurrency = 16 * 1024;  ///< connections at once; 0: no limit
  std::uint64_t limit_request_body = 16 * 1024 * 1024;  ///< octets; 0: no limit
  std::chrono::seconds timeout_lifespan{60};  ///< an application that starts or ends
  Lifespan lifespan = Lifespan::automatic;
  std::string root_path;  ///< where the application is mounted: empty, or `/app`; begins each path
  bool access_log = true;  ///< a line to standard error for each response
  std::chrono::seconds ws_ping_interval{20};  ///< silence before a ping; 0: none are sent
  std::chrono::seconds ws_ping_timeout{20};  ///< silence after it before the client is given up
  std::size_t ws_max_size = 16 * 1024 * 1024;  ///< octets of a message; 0: no limit
  std::size_t ws_max_memory = 256 * 1024 * 1024;  ///< octets of messages of all; 0: no limit
  bool ws_per_message_deflate = true;  ///< compress messages for clients that can
  int workers = 1;  ///< processes that serve
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
