#include "log.hpp"

#include <algorithm>
#include <iostream>
#include <new>

namespace {

// What is written to a pipe at once is not mixed with what other processes write, up to PIPE_BUF:
// on Linux 4096 octets (POSIX write(): "Write requests to a pipe or FIFO").
constexpr std::size_t max_line = 4000;

bool needs_escape(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet < 0x20 || octet == 0x7f || c == '\\';
}

std::string escape(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string escaped;
  for (const char c : text) {
    if (!needs_escape(c)) {
      escaped += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    escaped += "\\x";
    escaped += digits[octet >> 4];
    escaped += digits[octet & 15];
  }
  return escaped;
}

}  // namespace

void log_line(std::string text) {
  if (std::any_of(text.begin(), text.end(), needs_escape)) text = escape(text);
  if (text.size() > max_line) text.replace(max_line, text.npos, "...");
  text += '\n';
  std::cerr << text;  // one write: whole lines
}

std::string describe(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of an unknown type";
  }
}

void log_failure(std::string_view what, const std::exception_ptr& exception) noexcept {
  try {
    log_line(std::string(what) + ": " + describe(exception));
  } catch (const std::bad_alloc&) {
    std::cerr << what << ": no memory to say why\n";
  }
}
