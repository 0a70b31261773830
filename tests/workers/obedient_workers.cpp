// Workers that are ready when they are told so, by SIGUSR2: a test decides in which order.
//
// usage: obedient_workers [slow]   (standard error: "PID has started"; output: "PID is ready")
//
// slow: it takes more than a second to find out that nothing has changed ("looks" to standard
// error), and this is asked once a second.

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

#include "workers.hpp"

std::optional<std::string> look_slowly() {
  std::cerr << "looks" << std::endl;
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  return std::nullopt;
}

int main(int argc, char**) {
  sigset_t ready;
  sigemptyset(&ready);
  sigaddset(&ready, SIGUSR2);
  sigprocmask(SIG_BLOCK, &ready, nullptr);
  const auto announce = [] { std::cout << "all are ready" << std::endl; };
  const std::function<std::optional<std::string>()> changed = look_slowly;
  const std::optional<int> ended = run_workers(
      2, [] {}, announce, argc > 1 ? changed : nullptr);
  if (ended) return *ended;
  std::cerr << getpid() << " has started" << std::endl;
  int signal = 0;
  sigwait(&ready, &signal);
  std::cout << getpid() << " is ready" << std::endl;
  report_ready();
  for (;;) pause();
}
