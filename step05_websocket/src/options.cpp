#include "options.hpp"

#include <array>
#include <charconv>
#include <string_view>

#include "http/grammar.hpp"

namespace {

struct Option {
  std::string_view name;
  std::string_view value;  // what the value is called in the help; empty: the option takes none
  std::string_view help;
  void (*set)(Options& options, std::string_view value);
};

void parse(std::string_view text, std::string& value) { value = text; }

template <typename Number>
void parse(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw UsageError("'" + std::string(text) + "' is not a number in range");
  }
}

void parse(std::string_view text, std::chrono::seconds& value) {
  std::uint32_t seconds = 0;
  parse(text, seconds);
  value = std::chrono::seconds(seconds);
}

void parse(std::string_view text, Lifespan& value) {
  if (text != "auto" && text != "on" && text != "off") {
    throw UsageError("--lifespan is auto, on or off");
  }
  value = text == "on" ? Lifespan::on : text == "off" ? Lifespan::off : Lifespan::automatic;
}

void set_workers(Options& options, std::string_view text) {
  std::uint8_t workers = 0;
  parse(text, workers);
  if (workers == 0) throw UsageError("--workers is 1 or more");
  options.workers = workers;
}

void parse(std::string_view text, bool& value) {
  value = text == "true";
  if (!value && text != "false") {
    throw UsageError("'" + std::string(text) + "' is neither true nor false");
  }
}

// A path as clients send it, so that it can stand before theirs. In one that ends with a slash, or
// is one, that slash is the first one of what follows.
void set_root_path(Options& options, std::string_view text) {
  const bool begins = text.empty() || text.starts_with('/');
  const bool segments = text.find("//") == text.npos;
  const bool plain = http::all(text, http::target_char) && text.find_first_of("?%") == text.npos;
  if (!begins || !segments || !plain) {
    throw UsageError("--root-path is a path as /app, in characters that need no encoding");
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  options.root_path = text;
}

// For the table below: what sets that member of Options.
template <auto member>
void set(Options& options, std::string_view value) {
  parse(value, options.*member);
}

constexpr std::array option_table = {
    Option{"--host", "ADDRESS", "address or name to listen on (127.0.0.1)", set<&Options::host>},
    Option{"--port", "PORT", "port to listen on, 0 picks a free one (8000)", set<&Options::port>},
    Option{"--timeout-keep-alive", "SECONDS", "silence between two requests (75)",
           set<&Options::timeout_keep_alive>},
    Option{"--timeout-request-head", "SECONDS", "a request head, from its first byte (10)",
           set<&Options::timeout_request_head>},
    Option{"--timeout-request-body", "SECONDS", "a request body that makes no progress (60)",
           set<&Options::timeout_request_body>},
    Option{"--timeout-write", "SECONDS", "a client that takes none of its answer (60)",
           set<&Options::timeout_write>},
    Option{"--timeout-graceful-shutdown", "SECONDS", "requests under way at a signal (30)",
           set<&Options::timeout_graceful_shutdown>},
    Option{"--limit-concurrency", "N", "connections at once, 0 for no limit (16384)",
           set<&Options::limit_concurrency>},
    Option{"--limit-request-body", "OCTETS", "size of a request body, 0 for no limit (16777216)",
           set<&Options::limit_request_body>},
    Option{"--timeout-lifespan", "SECONDS", "an application that starts or ends (60)",
           set<&Options::timeout_lifespan>},
    Option{"--lifespan", "auto|on|off", "ask the application for its lifespan (auto)",
           set<&Options::lifespan>},
    Option{"--root-path", "PATH", "where the application is mounted, as /app ()", set_root_path},
    Option{"--no-access-log", "", "no line to standard error for each response",
           [](Options& options, std::string_view) { options.access_log = false; }},
    Option{"--ws-ping-interval", "SECONDS", "silence before a ping, 0 for no pings (20)",
           set<&Options::ws_ping_interval>},
    Option{"--ws-ping-timeout", "SECONDS", "silence after a ping (20)",
           set<&Options::ws_ping_timeout>},
    Option{"--ws-max-size", "OCTETS", "size of a message, 0 for no limit (16777216)",
           set<&Options::ws_max_size>},
    Option{"--ws-max-memory", "OCTETS",
           "messages of all that are not received yet, 0 for no limit (268435456)",
           set<&Options::ws_max_memory>},
    Option{"--ws-per-message-deflate", "true|false", "compress messages (true)",
           set<&Options::ws_per_message_deflate>},
    Option{"--workers", "N", "processes that serve (1)", set_workers},
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
      if (++i == argc || std::string_view(argv[i]).starts_with("--")) {
        throw UsageError(std::string(option.name) + " needs a value");
      }
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
