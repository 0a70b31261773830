#include "command_line.hpp"

#include <array>
#include <charconv>
#include <string_view>

#include "http/grammar.hpp"

namespace {

using Setter = void (*)(Options& options, std::string_view value);

struct Option {
  std::string_view name;
  std::string_view value;  // what the value is called in the help; empty: the option takes none
  std::string_view help;
  Setter set;
  std::string (*show)(const Options& options);  // the value, for the help
};

void parse(std::string_view text, std::string& value) { value = text; }

std::string show(const std::string& value) { return value; }

template <typename Number>
void parse(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw UsageError("'" + std::string(text) + "' is not a number in range");
  }
}

template <typename Number>
std::string show(Number number) {
  return std::to_string(number);
}

void parse(std::string_view text, std::chrono::seconds& value) {
  std::uint32_t seconds = 0;
  parse(text, seconds);
  value = std::chrono::seconds(seconds);
}

std::string show(std::chrono::seconds value) { return std::to_string(value.count()); }

void parse(std::string_view text, Lifespan& value) {
  if (text != "auto" && text != "on" && text != "off") {
    throw UsageError("--lifespan is auto, on or off");
  }
  value = text == "on" ? Lifespan::on : text == "off" ? Lifespan::off : Lifespan::automatic;
}

std::string show(Lifespan value) {
  return value == Lifespan::on ? "on" : value == Lifespan::off ? "off" : "auto";
}

void parse(std::string_view text, bool& value) {
  value = text == "true";
  if (!value && text != "false") {
    throw UsageError("'" + std::string(text) + "' is neither true nor false");
  }
}

std::string show(bool value) { return value ? "true" : "false"; }

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

// For the table below: what sets that member of Options, and what shows it.
template <auto member>
void set(Options& options, std::string_view value) {
  parse(value, options.*member);
}

template <auto member>
std::string show(const Options& options) {
  return show(options.*member);
}

template <auto member>
constexpr Option option(std::string_view name, std::string_view value, std::string_view help,
                        Setter setter = set<member>) {
  return {name, value, help, setter, show<member>};
}

// An option that takes no value.
constexpr Option flag(std::string_view name, std::string_view help, Setter setter) {
  return {name, "", help, setter, [](const Options&) { return std::string(); }};
}

constexpr std::array option_table = {
    option<&Options::host>("--host", "ADDRESS", "address or name to listen on"),
    option<&Options::port>("--port", "PORT", "port to listen on, 0 picks a free one"),
    option<&Options::timeout_keep_alive>("--timeout-keep-alive", "SECONDS",
                                         "longest silence between two requests"),
    option<&Options::timeout_request_head>("--timeout-request-head", "SECONDS",
                                           "time for a request head, from its first byte"),
    option<&Options::timeout_request_body>("--timeout-request-body", "SECONDS",
                                           "longest pause within a request body"),
    option<&Options::timeout_write>("--timeout-write", "SECONDS",
                                    "longest time a client may read nothing"),
    option<&Options::timeout_graceful_shutdown>("--timeout-graceful-shutdown", "SECONDS",
                                                "time to finish running requests after a signal"),
    option<&Options::limit_concurrency>("--limit-concurrency", "N",
                                        "most connections at once, 0 for no limit"),
    option<&Options::limit_request_body>("--limit-request-body", "OCTETS",
                                         "largest request body, 0 for no limit"),
    option<&Options::timeout_lifespan>("--timeout-lifespan", "SECONDS",
                                       "time for the application to start or stop"),
    option<&Options::lifespan>("--lifespan", "auto|on|off",
                               "run the application's lifespan, auto if it has one"),
    option<&Options::root_path>("--root-path", "PATH",
                                "path at which the application is mounted, as /app", set_root_path),
    flag("--no-access-log", "do not log responses",
         [](Options& options, std::string_view) { options.access_log = false; }),
    option<&Options::ws_ping_interval>("--ws-ping-interval", "SECONDS",
                                       "longest silence before a ping, 0 for no pings"),
    option<&Options::ws_ping_timeout>("--ws-ping-timeout", "SECONDS", "time to answer a ping"),
    option<&Options::ws_max_size>("--ws-max-size", "OCTETS", "largest message, 0 for no limit"),
    option<&Options::ws_max_memory>("--ws-max-memory", "OCTETS",
                                    "memory for all messages not yet received, 0 for no limit"),
    option<&Options::ws_per_message_deflate>("--ws-per-message-deflate", "true|false",
                                             "compress messages for clients that can"),
    option<&Options::app_dir>("--app-dir", "DIRECTORY",
                              "where the application is looked for first"),
    flag("--factory", "ATTRIBUTE is called, and returns the application",
         [](Options& options, std::string_view) { options.factory = true; }),
    option<&Options::workers>("--workers", "N", "number of processes that serve",
                              [](Options& options, std::string_view text) {
                                std::uint8_t workers = 0;
                                parse(text, workers);
                                if (workers == 0) throw UsageError("--workers is 1 or more");
                                options.workers = workers;
                              }),
    flag("--reload", "start the application anew when a file of it has changed",
         [](Options& options, std::string_view) { options.reload = true; }),
    flag("--proxy-headers", "believe X-Forwarded-For and X-Forwarded-Proto",
         [](Options& options, std::string_view) { options.proxy_headers = true; }),
    option<&Options::forwarded_allow_ips>("--forwarded-allow-ips", "LIST",
                                          "of whom: addresses and networks, or * for all"),
    flag("--help", "show this text",
         [](Options& options, std::string_view) { options.help = true; }),
};

// MODULE:ATTRIBUTE, and not an option.
bool is_application(std::string_view argument) {
  return !argument.starts_with('-') && argument.find(':') != argument.npos;
}

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
    if (is_application(argument)) {
      options.app = argument;
      continue;
    }
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
  if (options.reload && options.app.empty()) {
    throw UsageError("--reload is for an application in Python");
  }
  return options;
}

std::string help_text() {
  const Options defaults;
  std::string text =
      "MODULE:ATTRIBUTE is an application in Python; without it the demo runs\noptions:\n";
  for (const Option& option : option_table) {
    std::string usage = "  " + std::string(option.name) + ' ' + std::string(option.value);
    usage.resize(40, ' ');
    text += usage + std::string(option.help);
    const std::string value = option.show(defaults);
    if (!value.empty()) text += " (" + value + ')';
    text += '\n';
  }
  return text;
}
