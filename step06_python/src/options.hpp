#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

/// Whether the application is asked for its lifespan; "automatic": if it has one.
enum class Lifespan { automatic, on, off };

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
  std::chrono::seconds timeout_lifespan{60};
  Lifespan lifespan = Lifespan::automatic;
  std::string root_path;  ///< with no slash at its end; each path begins with it
  bool access_log = true;
  std::chrono::seconds ws_ping_interval{20};
  std::chrono::seconds ws_ping_timeout{20};
  std::size_t ws_max_size = 16 * 1024 * 1024;
  std::size_t ws_max_memory = 256 * 1024 * 1024;  ///< beyond 64 KiB for each WebSocket
  bool ws_per_message_deflate = true;
  std::string app;  ///< MODULE:ATTRIBUTE, an application in Python; empty: the demo in C++
  std::string app_dir = ".";
  bool factory = false;  ///< ATTRIBUTE returns the application
  int workers = 1;
  bool reload = false;
  bool proxy_headers = false;
  std::string forwarded_allow_ips = "127.0.0.1";
  bool help = false;  ///< show help_text() and do nothing else
};
