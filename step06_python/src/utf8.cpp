#include "utf8.hpp"

#include <cstdint>
#include <cstring>

namespace {

constexpr std::string_view replacement_character = "\xef\xbf\xbd";

bool is_ascii_word(const char* text) {
  std::uint64_t word;
  std::memcpy(&word, text, sizeof word);
  return (word & 0x8080808080808080) == 0;
}

}  // namespace

bool Utf8Validator::feed(char c) {
  const auto octet = static_cast<unsigned char>(c);
  if (missing_ > 0) {
    if (octet < low_ || octet > high_) return false;
    --missing_;
    low_ = 0x80;
    high_ = 0xbf;
    return true;
  }
  if (octet < 0x80) return true;
  if (octet < 0xc2 || octet > 0xf4) return false;
  missing_ = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3;
  if (octet == 0xe0) low_ = 0xa0;  // below: two octets would do
  if (octet == 0xed) high_ = 0x9f;  // above: surrogates
  if (octet == 0xf0) low_ = 0x90;  // below: three octets would do
  if (octet == 0xf4) high_ = 0x8f;  // above: beyond U+10FFFF
  return true;
}

bool Utf8Validator::feed(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    while (missing_ == 0 && text.size() - i > 8 && is_ascii_word(text.data() + i)) i += 8;
    if (!feed(text[i])) return false;
  }
  return true;
}

std::string to_valid_utf8(std::string_view text) {
  std::string valid;
  Utf8Validator validator;
  std::size_t character = 0;  // where the last one begins
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (validator.complete()) character = i;
    if (validator.feed(text[i])) {
      if (validator.complete()) valid += text.substr(character, i + 1 - character);
      continue;
    }
    valid += replacement_character;
    validator = Utf8Validator();
    if (i > character) --i;  // this octet may begin a character of its own
  }
  if (!validator.complete()) valid += replacement_character;
  return valid;
}
