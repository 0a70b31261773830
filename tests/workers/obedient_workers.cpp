// Workers that are ready when they are told so, by SIGUSR2: a test decides in which order.
//
// usage: obedient_workers   (standard error: "PID has started"; standard output: "PID is ready")

#include <unistd.h>

#include <csignal>
#include <iostream>
#include <optional>

#include "workers.hpp"

int main() {
  sigset_t ready;
  sigemptyset(&ready);
  sigaddset(&ready, SIGUSR2);
  sigprocmask(SIG_BLOCK, &ready, nullptr);
  const auto announce = [] { std::cout << "all are ready" << std::endl; };
  const std::optional<int> ended = run_workers(
      2, [] {}, announce);
  if (ended) return *ended;
  std::cerr << getpid() << " has started" << std::endl;
  int signal = 0;
  sigwait(&ready, &signal);
  std::cout << getpid() << " is ready" << std::endl;
  worker_is_ready();
  for (;;) pause();
}
