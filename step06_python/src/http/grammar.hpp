#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

/// What the productions of RFC 9112 are made of. Nothing here waits, and nothing here is stored.
namespace http {

/// Classes of octets; each is one bit, so that a test is one look into a table.
enum CharClass : std::uint8_t {
  tchar = 1,  ///< a token's: RFC 9110 section 5.6.2
  field_char = 2,  ///< a field value's: VCHAR, SP, HTAB, obs-text (RFC 9110 section 5.5)
  target_char = 4,  ///< a request-target's, as strictly as browsers allow: VCHAR except "#<>
  host_char = 8,  ///< a uri-host's (RFC 3986 section 3.2.2), without the comma
  digit = 16,  ///< DIGIT
  hex_digit = 32,  ///< HEXDIG, in either case
  blank = 64,  ///< SP, HTAB
  quoted_char = 128,  ///< qdtext: what stands unescaped in a quoted-string (RFC 9110 section 5.6.4)
};

/// Which classes each octet is of. It stands here, and what looks into it is inline, for that is
/// done with each octet of a head.
namespace detail {

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
  if ((classes & field_char) != 0 && !contains("\"\\", c)) classes |= quoted_char;
  return classes;
}

inline constexpr auto class_table = [] {
  std::array<std::uint8_t, 256> table{};
  for (int octet = 0; octet < 256; ++octet) table[octet] = classes_of(octet);
  return table;
}();

}  // namespace detail

/// Whether `c` is of that class.
inline bool is(char c, CharClass char_class) {
  return (detail::class_table[static_cast<unsigned char>(c)] & char_class) != 0;
}

/// Whether all of `text` is of that class.
inline bool all(std::string_view text, CharClass char_class) {
  return std::all_of(text.begin(), text.end(), [=](char c) { return is(c, char_class); });
}

/// An ASCII capital as its small letter, anything else as it is.
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

/// Equal but for the case of ASCII letters: how field names and most tokens are compared.
inline bool iequals(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

/// `text` without the SP and HTAB around it (OWS, RFC 9110 section 5.6.3).
std::string_view trim(std::string_view text);

/// Takes the first member, perhaps an empty one, off a list of members between commas
/// (RFC 9110 section 5.6.1).
std::string_view take_member(std::string_view& list);

/// Whether such a list has `token` in it, in any case.
bool list_has(std::string_view list, std::string_view token);

/// A cursor over input that may not be complete yet. Each production is read by take() and
/// expect() in the order of its ABNF; a false expect() means: begin again when more has come.
class Scanner {
 public:
  /// Begins at `position`, which the input reaches.
  explicit Scanner(std::string_view input, std::size_t position = 0)
      : rest_(input.substr(position)), size_(input.size()) {}

  /// The longest run of that class, perhaps none; it may go on in input that has not come yet.
  std::string_view take(CharClass char_class) {
    const auto* const end =
        std::find_if_not(rest_.begin(), rest_.end(), [=](char c) { return is(c, char_class); });
    const std::string_view run(rest_.begin(), end);
    rest_.remove_prefix(run.size());
    return run;
  }

  /// Skips `literal`. False: the input ends before that can be known.
  /// Throws Error(400, rule) when something else stands there.
  bool expect(std::string_view literal, const char* rule) {
    // In the header, where the compiler sees the literal and compares it without a loop.
    if (!rest_.starts_with(literal)) return expect_in_part(literal, rule);
    rest_.remove_prefix(literal.size());
    return true;
  }

  /// Skips one octet of that class, as above.
  bool expect(CharClass char_class, const char* rule);

  /// Skips the CRLF that ends a line, as expect() does. `rule` is for what is neither CR nor LF.
  bool expect_line_end(const char* rule);

  /// Whether the next octet is `c`; false at the end of the input.
  bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }

  /// Whether the next octet is of that class; false at the end of the input.
  bool next_is(CharClass kind) const { return !rest_.empty() && is(rest_.front(), kind); }

  /// How many octets have been read.
  std::size_t position() const { return size_ - rest_.size(); }

 private:
  bool expect_in_part(std::string_view literal, const char* rule) const;

  std::string_view rest_;
  std::size_t size_;
};

}  // namespace http
