#pragma once

#include <string>
#include <string_view>

/// Checks UTF-8 octet by octet, at any split of the text: what it has to remember is how many
/// octets of a character are still to come, and the range of the next one (Unicode, table 3-7).
class Utf8Validator {
 public:
  /// False: with this octet the text cannot be UTF-8 any more, whatever follows.
  bool feed(char c);

  /// The same for each octet of `text`.
  bool feed(std::string_view text);

  /// Whether the text so far ends with a whole character.
  bool complete() const { return missing_ == 0; }

 private:
  unsigned char missing_ = 0;
  unsigned char low_ = 0x80;
  unsigned char high_ = 0xbf;
};

/// `text` with U+FFFD in place of each sequence that is not UTF-8.
std::string to_valid_utf8(std::string_view text);
