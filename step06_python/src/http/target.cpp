#include "http/target.hpp"

#include <algorithm>

#include "http/grammar.hpp"

namespace http {
namespace {

int hex_value(char c) { return is(c, digit) ? c - '0' : to_lower(c) - 'a' + 10; }

}  // namespace

std::string percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool triplet =
        text[i] == '%' && i + 2 < text.size() && all(text.substr(i + 1, 2), hex_digit);
    decoded +=
        triplet ? static_cast<char>(16 * hex_value(text[i + 1]) + hex_value(text[i + 2])) : text[i];
    if (triplet) i += 2;
  }
  return decoded;
}

std::optional<std::string_view> query_parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    if (parameter.substr(0, equals) != name) continue;
    return parameter.substr(std::min(equals + 1, parameter.size()));
  }
  return std::nullopt;
}

}  // namespace http
