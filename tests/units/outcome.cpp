#include "outcome.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace {

// The parser gets a copy that ends where the input ends, so that a sanitizer sees it read on.
Outcome parse_copy(const Parser& parser, std::string_view input) {
  const std::vector<char> copy(input.begin(), input.end());
  return parser(std::string_view(copy.data(), copy.size()));
}

// Every proper prefix of a short input. Of a long one, where each would take too long, those near
// its ends and near each multiple of 4 KiB, for there the limits are, and some in between.
std::vector<std::size_t> prefix_sizes(std::size_t size) {
  constexpr std::size_t near = 3;
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t beyond = (i + near) % 4096;
    const bool at_limit = beyond <= 2 * near;
    if (size <= 1024 || i < 64 || size - i <= 64 || at_limit || i % 509 == 0) sizes.push_back(i);
  }
  return sizes;
}

bool is_printable_line(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  if (outcome.status != 0) return out << outcome.status << " (" << outcome.understood << ')';
  if (outcome.size == 0) return out << "not complete";
  return out << outcome.size << " octets: " << outcome.understood;
}

Outcome outcome_of(const std::function<std::optional<Outcome>()>& parse) {
  try {
    return parse().value_or(Outcome());
  } catch (const http::Error& error) {
    CHECK_MESSAGE(is_printable_line(error.rule()), error.rule());
    return {.status = error.status(), .understood = error.rule()};
  }
}

Outcome check_every_split(const Parser& parser, std::string_view input) {
  const Outcome whole = parse_copy(parser, input);
  bool refused = false;
  for (const std::size_t size : prefix_sizes(input.size())) {
    const Outcome part = parse_copy(parser, input.substr(0, size));
    CAPTURE(size);
    CHECK((part == whole || part == Outcome()));
    if (part != Outcome()) CHECK(part.status != 0);
    if (refused) CHECK(part.status != 0);  // once refused, always refused
    refused = part.status != 0;
  }
  CHECK(parse_copy(parser, input) == whole);
  if (whole == Outcome()) return whole;
  for (const std::string_view after : {"\r\n", "\n", "x", " ", "0", "GET / HTTP/1.1\r\n\r\n"}) {
    CAPTURE(after);
    CHECK(parse_copy(parser, std::string(input).append(after)) == whole);
  }
  return whole;
}

std::string repeat(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t i = 0; i < count; ++i) result += text;
  return result;
}
