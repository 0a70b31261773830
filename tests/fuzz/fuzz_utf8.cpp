// Any bytes as UTF-8: the validator of octets against a decoder of characters.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "fuzz.hpp"
#include "utf8.hpp"

namespace {

// The size of the character that `text` begins with; 0: it begins with none (RFC 3629 section 3).
std::size_t character_size(std::string_view text) {
  constexpr std::array<std::uint32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  const auto octet = [=](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (octet(0) < 0x80) return 1;
  std::size_t size = 0;
  while (size < 8 && (octet(0) & (0x80 >> size)) != 0) ++size;
  if (size < 2 || size > 4 || size > text.size()) return 0;
  std::uint32_t character = octet(0) & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((octet(i) & 0xc0) != 0x80) return 0;
    character = character << 6 | (octet(i) & 0x3f);
  }
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  return character < smallest[size] || character > 0x10ffff || surrogate ? 0 : size;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

bool validates(std::string_view text, bool in_segments) {
  Utf8Validator validator;
  Segments segments(text);
  while (!text.empty()) {
    const std::size_t size = in_segments ? std::min(segments.next(), text.size()) : text.size();
    if (!validator.feed(text.substr(0, size))) return false;
    text.remove_prefix(size);
  }
  return validator.complete();
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const bool valid = is_utf8(input);
  require(validates(input, false) == valid, "what is valid is what can be decoded");
  require(validates(input, true) == valid, "the result is the same whatever the segments");
  const std::string repaired = to_valid_utf8(input);
  require(is_utf8(repaired), "what was repaired is valid");
  require(!valid || repaired == input, "what is valid is not changed");
  require(repaired.size() <= 3 * input.size(), "an octet becomes one character at most");
  return 0;
}
