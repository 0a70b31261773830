#include "log.hpp"

#include <iostream>
#include <string>

void log_line(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string line;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet != 0x7f) {
      line += c;
    } else {
      line += "\\x";
      line += digits[octet >> 4];
      line += digits[octet & 15];
    }
  }
  line += '\n';
  std::cerr << line;  // one write: whole lines
}
