#include "standing.hpp"

#include <fstream>
#include <iostream>
#include <string_view>

#include "settings.hpp"

namespace {

constexpr std::size_t most_of_a_report = 4000;  // octets; the wall takes as many

// Each octet but letters and digits as "%" and two hexadecimal digits.
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.";
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (plain.find(c) != plain.npos) {
      encoded += c;
    } else {
      ((encoded += '%') += digits[octet / 16]) += digits[octet % 16];
    }
  }
  return encoded;
}

}  // namespace

void write_standing(const Standing& standing) {
  if (settings().standing.empty()) return;
  std::ofstream file(settings().standing);
  file << "next=" << percent_encoded(standing.next) << "&check=" << percent_encoded(standing.check)
       << "&report=" << percent_encoded(standing.report.substr(0, most_of_a_report));
  if (!file.flush()) std::cerr << "checks: cannot write to " << settings().standing << '\n';
}
