#include "http/grammar.hpp"

#include <algorithm>
#include <array>

#include "http/error.hpp"

namespace http {
namespace {

constexpr bool contains(std::string_view set, char c) { return set.find(c) != set.npos; }

constexpr std::uint8_t classes_of(int octet) {
  const char c = static_cast<char>(octet);
  const bool is_digit = octet >= '0' && octet <= '9';
  const bool is_letter = (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
  const bool is_vchar = octet > 0x20 && octet < 0x7f;
  const bool is_blank = octet == ' ' || octet == '\t';
  std::uint8_t classes = 0;
  if (is_digit || is_letter || contains("!#$%&'*+-.^_`|~", c)) classes |= tchar;
  if (is_vchar || is_blank || octet >= 0x80) classes |= field_char;
  if (is_vchar && !contains("\"#<>", c)) classes |= target_char;
  if (is_digit || is_letter || contains("-._~%!$&'()*+;=", c)) classes |= host_char;
  if (is_digit) classes |= digit;
  if (is_digit || (is_letter && (octet | 0x20) <= 'f')) classes |= hex_digit;
  if (is_blank) classes |= blank;
  return classes;
}

constexpr auto class_table = [] {
  std::array<std::uint8_t, 256> table{};
  for (int octet = 0; octet < 256; ++octet) table[octet] = classes_of(octet);
  return table;
}();

}  // namespace

bool is(char c, CharClass char_class) {
  return (class_table[static_cast<unsigned char>(c)] & char_class) != 0;
}

bool all(std::string_view text, CharClass char_class) {
  return std::all_of(text.begin(), text.end(), [=](char c) { return is(c, char_class); });
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool iequals(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is(text.front(), blank)) text.remove_prefix(1);
  while (!text.empty() && is(text.back(), blank)) text.remove_suffix(1);
  return text;
}

std::string_view Scanner::take(CharClass char_class) {
  const auto* const end =
      std::find_if_not(rest_.begin(), rest_.end(), [=](char c) { return is(c, char_class); });
  const std::string_view run(rest_.begin(), end);
  rest_.remove_prefix(run.size());
  return run;
}

bool Scanner::expect_in_part(std::string_view literal, const char* rule) const {
  if (!literal.starts_with(rest_)) throw Error(400, rule);
  return false;
}

// Only CRLF ends a line. A lone LF or CR is where two readers of the same bytes can see different
// lines, which is how requests are smuggled (RFC 9112 sections 2.2 and 11.2).
bool Scanner::expect_line_end(const char* rule) {
  if (next_is('\n')) throw Error(400, "a line ends with CRLF, not with LF alone");
  if (next_is('\r')) return expect("\r\n", "a CR stands only before an LF, at the end of a line");
  return expect("\r\n", rule);
}

}  // namespace http
