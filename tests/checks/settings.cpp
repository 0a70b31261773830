#include "settings.hpp"

#include <algorithm>
#include <atomic>

using namespace std::chrono_literals;

namespace {

// A server that never answers would otherwise make the run last for minutes.
constexpr int many_silences = 6;
std::atomic<int> silences{0};

}  // namespace

Settings& settings() {
  static Settings settings;
  return settings;
}

std::chrono::milliseconds patience() {
  const auto full = settings().patience;
  return is_news() ? full : std::min<std::chrono::milliseconds>(full, 300ms);
}

std::string in_words(std::chrono::milliseconds time) {
  const auto number = time.count();
  return number % 1000 == 0 ? std::to_string(number / 1000) + " s" : std::to_string(number) + " ms";
}

void count_silence() { ++silences; }

bool is_news() { return silences < many_silences; }
