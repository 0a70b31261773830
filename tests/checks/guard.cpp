#include "guard.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <mutex>
#include <set>
#include <string>

extern char** environ;

namespace {

// Each line that it reads names all groups. Nothing more can be read once we have ended.
constexpr const char* script =
    "trap '' INT TERM HUP QUIT; while read -r groups; do last=$groups; done; "
    "[ -z \"$last\" ] || kill -s KILL -- $last";

std::mutex mutex;
std::set<pid_t> groups;

// Starts the guard, out of the reach of what ends us; returns where it reads what we write.
int start_guard() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return -1;
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, ends[0], STDIN_FILENO);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  std::array<std::string, 3> words = {"sh", "-c", script};
  std::array<char*, 4> argv = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, "/bin/sh", &files, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  ::close(ends[0]);
  return error == 0 ? ends[1] : -1;
}

void tell_guard() {
  static const int pipe = start_guard();
  std::string line;
  for (const pid_t group : groups) line += '-' + std::to_string(group) + ' ';
  line += '\n';
  [[maybe_unused]] const auto size = ::write(pipe, line.data(), line.size());
}

}  // namespace

void guard(pid_t group) {
  const std::lock_guard lock(mutex);
  groups.insert(group);
  tell_guard();
}

void release(pid_t group) {
  const std::lock_guard lock(mutex);
  groups.erase(group);
  tell_guard();
}
