#include "page.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "text.hpp"

namespace {

std::size_t set_width = 0;  // by printed(); 0: the page is the output

bool on_terminal() { return set_width == 0 && ::isatty(STDOUT_FILENO) == 1; }

}  // namespace

std::size_t page_width() {
  if (set_width != 0) return set_width;
  winsize size{};
  if (!on_terminal() || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 100;
  if (size.ws_col == 0) return 100;  // a terminal that does not know
  return std::clamp<std::size_t>(size.ws_col, 60, 100);
}

std::size_t text_width() { return page_width() - text_column; }

std::string coloured(Colour colour, const std::string& text) {
  static const char* const refused = std::getenv("NO_COLOR");
  const bool wanted = on_terminal() && (refused == nullptr || *refused == '\0');
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

std::string printed(std::size_t width, const std::function<void()>& print) {
  std::ostringstream page;
  std::streambuf* const output = std::cout.rdbuf(page.rdbuf());
  set_width = width;
  print();
  set_width = 0;
  std::cout.rdbuf(output);
  return page.str();
}
