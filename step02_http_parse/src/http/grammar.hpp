#pragma once

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
};

/// Whether `c` is of that class.
bool is(char c, CharClass char_class);

/// Whether all of `text` is of that class.
bool all(std::string_view text, CharClass char_class);

/// An ASCII capital as its small letter, anything else as it is.
char to_lower(char c);

/// Equal but for the case of ASCII letters: how field names and most tokens are compared.
bool iequals(std::string_view a, std::string_view b);

/// `text` without the SP and HTAB around it (OWS, RFC 9110 section 5.6.3).
std::string_view trim(std::string_view text);

/// A cursor over input that may not be complete yet. Each production is read by take() and
/// expect() in the order of its ABNF; a false expect() means: begin again when more has come.
class Scanner {
 public:
  /// Begins at `position`, which the input reaches.
  explicit Scanner(std::string_view input, std::size_t position = 0)
      : rest_(input.substr(position)), size_(input.size()) {}

  /// The longest run of that class, perhaps none; it may go on in input that has not come yet.
  std::string_view take(CharClass char_class);

  /// Skips `literal`. False: the input ends before that can be known.
  /// Throws Error(400, rule) when something else stands there.
  bool expect(std::string_view literal, const char* rule) {
    // In the header, where the compiler sees the literal and compares it without a loop.
    if (!rest_.starts_with(literal)) return expect_in_part(literal, rule);
    rest_.remove_prefix(literal.size());
    return true;
  }

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
