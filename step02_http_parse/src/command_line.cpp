#include "command_line.hpp"

#include <array>
#include <charconv>
#include <string_view>

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
    flag("--help", "show this text",
         [](Options& options, std::string_view) { options.help = true; }),
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
  const Options defaults;
  std::string text = "options:\n";
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
