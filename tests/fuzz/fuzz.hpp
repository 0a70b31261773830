#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// What libFuzzer, or the driver that stands in for it, calls with each input. It returns 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Ends the program, as a crash that the fuzzer records, unless `holds`; says which promise broke.
inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "this does not hold: %s\n", promise);
  std::abort();
}

/// Sizes of segments, pseudo-random but the same for the same input.
class Segments {
 public:
  explicit Segments(std::string_view input) {
    for (const char c : input) state_ = (state_ ^ static_cast<unsigned char>(c)) * 16777619U;
  }

  /// From 1 to 16, or now and then to 1000.
  std::size_t next() {
    state_ = state_ * 1664525U + 1013904223U;
    const std::uint32_t random = state_ >> 16;
    return 1 + (random % 8 == 0 ? random % 1000 : random % 16);
  }

 private:
  std::uint32_t state_ = 2166136261U;
};
