// Workers that end before they are ready, as those of an application that does not start.
//
// usage: failing_workers EXIT_STATUS

#include <cstdlib>
#include <iostream>
#include <optional>

#include "workers.hpp"

int main(int argc, char** argv) {
  const std::optional<int> ended = run_workers(
      3, [] {}, [] { std::cout << "all are ready\n"; });
  if (ended) return *ended;
  std::cerr << "this one cannot start\n";
  return argc > 1 ? std::atoi(argv[1]) : 0;
}
