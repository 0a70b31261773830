// Any bytes as the path and the query of a target: what the application is told of them.
#include <optional>
#include <string>
#include <string_view>

#include "fuzz.hpp"
#include "http/target.hpp"

namespace {

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string encoded;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += digits[octet >> 4];
    encoded += digits[octet & 15];
  }
  return encoded;
}

void check_decoding(std::string_view text) {
  const std::string decoded = http::percent_decode(text);
  require(decoded.size() <= text.size(), "decoding makes nothing longer");
  require(text.find('%') != text.npos || decoded == text, "without a '%' nothing changes");
  require(http::percent_decode(percent_encode(text)) == text, "what is encoded comes back");
}

// The same by another way: octet by octet.
std::optional<std::string> find_parameter(const std::string& query, const std::string& name) {
  const std::string beginning = name + '=';
  std::string parameter;
  for (const char c : query + '&') {
    if (c != '&') {
      parameter += c;
      continue;
    }
    if (parameter == name) return "";
    if (parameter.rfind(beginning, 0) == 0) return parameter.substr(beginning.size());
    parameter.clear();
  }
  return std::nullopt;
}

void check_parameter(std::string_view query, std::string_view name) {
  if (name.empty() || name.find_first_of("&=") != name.npos) return;
  const std::optional<std::string_view> found = http::query_parameter(query, name);
  const auto expected = find_parameter(std::string(query), std::string(name));
  require(found.has_value() == expected.has_value(), "a parameter is found where there is one");
  require(!found || *found == *expected, "it is the first one of that name");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_decoding(input);
  const std::size_t mark = input.find('?');  // the name that is asked for stands before it
  if (mark != input.npos) check_parameter(input.substr(mark + 1), input.substr(0, mark));
  check_parameter(input, "n");
  return 0;
}
