#include "utf8.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

// Octets on both sides of each border of Unicode's table 3-7.
constexpr std::string_view borders =
    "\x41\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3\xf4\xf5"
    "\xff";

// RFC 3629 by its arithmetic: the octets of the character that `text` begins with; 0: it is none.
std::size_t first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (size < 2 || lead >= 0xf8 || text.size() < size) return size == 1 ? 1 : 0;
  std::uint32_t code_point = lead & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto octet = static_cast<unsigned char>(text[i]);
    if ((octet & 0xc0) != 0x80) return 0;
    code_point = code_point << 6 | (octet & 0x3f);
  }
  constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xd800 && code_point < 0xe000;
  const bool valid = code_point >= smallest[size] && code_point <= 0x10ffff && !surrogate;
  return valid ? size : 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = first_character(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

bool validate(std::string_view text) {
  Utf8Validator validator;
  return validator.feed(text) && validator.complete();
}

// All texts of up to four octets from the borders.
std::vector<std::string> short_texts() {
  std::vector<std::string> texts = {""};
  for (std::size_t i = 0; texts[i].size() < 4; ++i) {
    for (const char c : borders) texts.push_back(texts[i] + c);
  }
  return texts;
}

}  // namespace

TEST_CASE("UTF-8 is what RFC 3629 says, for all texts at its borders") {
  std::size_t wrong = 0;
  for (const std::string& text : short_texts()) wrong += validate(text) != is_utf8(text);
  CHECK(wrong == 0);
}

TEST_CASE("each two octets that are no UTF-8 are refused, each character of two octets is not") {
  std::size_t wrong = 0;
  for (int pair = 0; pair < 0x10000; ++pair) {
    const std::string text = {static_cast<char>(pair >> 8), static_cast<char>(pair & 255)};
    wrong += validate(text) != is_utf8(text);
  }
  CHECK(wrong == 0);
}

TEST_CASE("a text is valid at every split, and in the middle of words that are ASCII") {
  const std::string text =
      "eight octets and more, then \xc3\xa9, \xe2\x82\xac and \xf0\x9f\x98\x80; again more ASCII";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    Utf8Validator validator;
    CHECK(validator.feed(std::string_view(text).substr(0, size)));
    CHECK(validator.feed(std::string_view(text).substr(size)));
    CHECK(validator.complete());
  }
  for (std::size_t i = 0; i <= text.size(); ++i) {
    CHECK_FALSE(validate(text.substr(0, i) + '\xff' + text.substr(i)));
  }
}

TEST_CASE("a text that ends in the middle of a character is not complete") {
  for (const std::string_view text : {"\xc2", "\xe2\x82", "a\xf0", "a\xf0\x9f", "\xf0\x9f\x98"}) {
    Utf8Validator validator;
    CHECK(validator.feed(text));
    CHECK_FALSE(validator.complete());
  }
}

TEST_CASE("what can be no character is refused at the first octet that shows it") {
  for (const std::string_view text : {"\x80", "\xc0", "\xc1", "\xf5", "\xe0\x9f", "\xed\xa0",
                                      "\xf0\x8f", "\xf4\x90", "\xc2\x41", "\xe2\x82\xc2"}) {
    CAPTURE(text);
    Utf8Validator validator;
    CHECK(validator.feed(text.substr(0, text.size() - 1)));
    CHECK_FALSE(validator.feed(text.substr(text.size() - 1)));
  }
}

TEST_CASE("each maximal part of a sequence that is not UTF-8 becomes U+FFFD (Unicode 3.9)") {
  struct Case {
    std::string_view text;
    std::string valid;  // with "?" for U+FFFD
  };
  const Case cases[] = {
      {"", ""},
      {"text \xe2\x82\xac", "text \xe2\x82\xac"},
      {"\xff\xfe", "??"},
      {"\xe2\x82", "?"},
      {"a\xe2(b", "a?(b"},
      {"\xf0\x9f\x98", "?"},
      {"\xe0\x80\xaf", "???"},
      {"\xed\xa0\x80", "???"},
      {"\xf4\x90\x80\x80", "????"},
      {"\xf0\x80\x80\xaf", "????"},
      {"\xe2\x82\xe2\x82\xac", "?\xe2\x82\xac"},
      {"\xf1\x80\xc2\xa9", "?\xc2\xa9"},
      {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf" "A", "????A"},
  };
  for (const auto& [text, valid] : cases) {
    CAPTURE(text);
    std::string expected;
    for (const char c : valid) expected += c == '?' ? "\xef\xbf\xbd" : std::string(1, c);
    CHECK(to_valid_utf8(text) == expected);
  }
}

TEST_CASE("what comes out is UTF-8, and UTF-8 comes out as it is") {
  std::size_t wrong = 0;
  for (const std::string& text : short_texts()) {
    const std::string valid = to_valid_utf8(text);
    wrong += !is_utf8(valid) || (is_utf8(text) && valid != text);
  }
  CHECK(wrong == 0);
}
