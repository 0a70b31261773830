#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

/// What may be set. `--help` says what each member is for, and what is not said again here.
struct Options {
  std::string host = "127.0.0.1";  ///< an address of IPv4 or IPv6, or its name
  std::uint16_t port = 8000;
  std::chrono::seconds timeout_keep_alive{75};
  std::chrono::seconds timeout_request_head{10};
  std::chrono::seconds timeout_request_body{60};
  std::chrono::seconds timeout_write{60};
  std::chrono::seconds timeout_graceful_shutdown{30};
  std::size_t limit_concurrency = 16 * 1024;
  std::uint64_t limit_request_body = 16 * 1024 * 1024;
  bool help = false;  ///< show help_text() and do nothing else
};
