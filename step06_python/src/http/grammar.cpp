#include "http/grammar.hpp"

#include <algorithm>

#include "http/error.hpp"

namespace http {

std::string_view trim(std::string_view text) {
  while (!text.empty() && is(text.front(), blank)) text.remove_prefix(1);
  while (!text.empty() && is(text.back(), blank)) text.remove_suffix(1);
  return text;
}

std::string_view take_member(std::string_view& list) {
  const std::string_view member = list.substr(0, list.find(','));
  list.remove_prefix(std::min(member.size() + 1, list.size()));
  return trim(member);
}

bool list_has(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    if (iequals(take_member(list), token)) return true;
  }
  return false;
}

bool Scanner::expect_in_part(std::string_view literal, const char* rule) const {
  if (!literal.starts_with(rest_)) throw Error(400, rule);
  return false;
}

bool Scanner::expect(CharClass char_class, const char* rule) {
  if (rest_.empty()) return false;
  if (!is(rest_.front(), char_class)) throw Error(400, rule);
  rest_.remove_prefix(1);
  return true;
}

// Only CRLF ends a line. A lone LF or CR is where two readers of the same bytes can see different
// lines, which is how requests are smuggled (RFC 9112 sections 2.2 and 11.2).
bool Scanner::expect_line_end(const char* rule) {
  if (next_is('\n')) throw Error(400, "a line ends with CRLF, not with LF alone");
  if (next_is('\r')) return expect("\r\n", "a CR stands only before an LF, at the end of a line");
  return expect("\r\n", rule);
}

}  // namespace http
