#include "page.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>

#include "text.hpp"

namespace {

bool on_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

}  // namespace

std::size_t page_width() {
  winsize size{};
  if (!on_terminal() || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 100;
  if (size.ws_col == 0) return 100;  // a terminal that does not know
  return std::clamp<std::size_t>(size.ws_col, 60, 100);
}

std::size_t text_width() { return page_width() - text_column; }

std::string coloured(Colour colour, const std::string& text) {
  static const char* const refused = std::getenv("NO_COLOR");
  static const bool wanted = on_terminal() && (refused == nullptr || *refused == '\0');
  if (!wanted || text.empty()) return text;
  constexpr std::array codes = {"31;1", "32", "33;1", "2", "1"};
  return std::string("\033[") + codes[static_cast<std::size_t>(colour)] + 'm' + text + "\033[0m";
}

void print_labelled(const std::string& label, const std::vector<std::string>& lines) {
  std::string lead = "      " + label;
  lead.resize(text_column, ' ');
  for (const std::string& line : lines) {
    std::cout << coloured(Colour::dim, lead) << line << '\n';
    lead.assign(text_column, ' ');
  }
}

void print_text(const std::string& label, const std::string& text) {
  if (!text.empty()) print_labelled(label, wrap(text, text_width()));
}
