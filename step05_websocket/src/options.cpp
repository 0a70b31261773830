#include "options.hpp"

#include <array>
#include <charconv>
#include <string_view>

namespace {

struct Option {
  std::string_view name;
  std::string_view value;  // what the value is called in the help; empty: the option takes none
  std::string_view help;
  void (*set)(Options& options, std::string_view value);
};

template <typename Number>
Number to_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw UsageError("'" + std::string(text) + "' is not a number in range");
  }
  return number;
}

std::chrono::seconds to_seconds(std::string_view text) {
  return std::chrono::seconds(to_number<std::uint32_t>(text));
}

Lifespan to_lifespan(std::string_view text) {
  if (text == "auto") return Lifespan::automatic;
  if (text == "on") return Lifespan::on;
  if (text == "off") return Lifespan::off;
  throw UsageError("--lifespan is auto, on or off");
}

int to_workers(std::string_view text) {
  const auto number = to_number<std::uint8_t>(text);
  if (number == 0) throw UsageError("--workers is 1 or more");
  return number;
}

bool to_bool(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  throw UsageError("'" + std::string(text) + "' is neither true nor false");
}

constexpr std::array option_table = {
    Option{"--host", "ADDRESS", "address to listen on (127.0.0.1)",
           [](Options& options, std::string_view value) { options.host = value; }},
    Option{"--port", "PORT", "port to listen on, 0 picks a free one (8000)",
           [](Options& options, std::string_view value) {
             options.port = to_number<std::uint16_t>(value);
           }},
    Option{"--timeout-keep-alive", "SECONDS", "silence between two requests (75)",
           [](Options& options, std::string_view value) {
             options.timeout_keep_alive = to_seconds(value);
           }},
    Option{"--timeout-request-head", "SECONDS", "a request head, from its first byte (10)",
           [](Options& options, std::string_view value) {
             options.timeout_request_head = to_seconds(value);
           }},
    Option{"--timeout-request-body", "SECONDS", "a request body that makes no progress (60)",
           [](Options& options, std::string_view value) {
             options.timeout_request_body = to_seconds(value);
           }},
    Option{"--timeout-write", "SECONDS", "a client that takes none of its answer (60)",
           [](Options& options, std::string_view value) {
             options.timeout_write = to_seconds(value);
           }},
    Option{"--timeout-graceful-shutdown", "SECONDS", "requests under way at a signal (30)",
           [](Options& options, std::string_view value) {
             options.timeout_graceful_shutdown = to_seconds(value);
           }},
    Option{"--limit-concurrency", "N", "connections at once, 0 for no limit (16384)",
           [](Options& options, std::string_view value) {
             options.limit_concurrency = to_number<std::size_t>(value);
           }},
    Option{"--limit-request-body", "OCTETS", "size of a request body, 0 for no limit (16777216)",
           [](Options& options, std::string_view value) {
             options.limit_request_body = to_number<std::uint64_t>(value);
           }},
    Option{"--timeout-lifespan", "SECONDS", "an application that starts or ends (60)",
           [](Options& options, std::string_view value) {
             options.timeout_lifespan = to_seconds(value);
           }},
    Option{"--lifespan", "auto|on|off", "ask the application for its lifespan (auto)",
           [](Options& options, std::string_view value) { options.lifespan = to_lifespan(value); }},
    Option{"--root-path", "PATH", "where the application is mounted ()",
           [](Options& options, std::string_view value) { options.root_path = value; }},
    Option{"--no-access-log", "", "no line to standard error for each response",
           [](Options& options, std::string_view) { options.access_log = false; }},
    Option{"--ws-ping-interval", "SECONDS", "silence before a ping, 0 for no pings (20)",
           [](Options& options, std::string_view value) {
             options.ws_ping_interval = to_seconds(value);
           }},
    Option{"--ws-ping-timeout", "SECONDS", "silence after a ping (20)",
           [](Options& options, std::string_view value) {
             options.ws_ping_timeout = to_seconds(value);
           }},
    Option{"--ws-max-size", "OCTETS", "size of a message, 0 for no limit (16777216)",
           [](Options& options, std::string_view value) {
             options.ws_max_size = to_number<std::size_t>(value);
           }},
    Option{"--ws-per-message-deflate", "true|false", "compress messages (true)",
           [](Options& options, std::string_view value) {
             options.ws_per_message_deflate = to_bool(value);
           }},
    Option{"--workers", "N", "processes that serve (1)",
           [](Options& options, std::string_view value) { options.workers = to_workers(value); }},
    Option{"--help", "", "show this text",
           [](Options& options, std::string_view) { options.help = true; }},
};

const Option& find_option(std::string_view name) {
  for (const Option& option : option_table) {
    if (option.name == name) return option;
  }
  throw UsageError("unknown option '" + std::string(name) + "' (--help lists them)");
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const std::size_t equals = argument.find('=');
    const Option& option = find_option(argument.substr(0, equals));
    const bool takes_value = !option.value.empty();
    if (equals != argument.npos && !takes_value) {
      throw UsageError(std::string(option.name) + " takes no value");
    }
    std::string_view value;
    if (equals != argument.npos) {
      value = argument.substr(equals + 1);
    } else if (takes_value) {
      if (++i == argc) throw UsageError(std::string(option.name) + " needs a value");
      value = argv[i];
    }
    option.set(options, value);
  }
  return options;
}

std::string help_text() {
  std::string text = "options:\n";
  for (const Option& option : option_table) {
    std::string usage = "  " + std::string(option.name) + ' ' + std::string(option.value);
    usage.resize(40, ' ');
    text += usage + std::string(option.help) + '\n';
  }
  return text;
}
