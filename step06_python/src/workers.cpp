#include "workers.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <map>
#include <string>
#include <system_error>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "log.hpp"
#include "source_watch.hpp"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int cannot_serve = 2;  // exit status of a worker that could not start
constexpr unsigned pause_seconds = 1;  // before one is replaced that has lived no longer
constexpr int signals_before_kill = 3;  // of a worker that hears none of them
constexpr int ready_signal = SIGUSR1;

pid_t supervisor_pid = 0;
int ready_pipe = -1;  // where a worker writes its pid when it is ready; ready_signal follows

struct Worker {
  Clock::time_point started;
  bool ready = false;
  bool retired = false;  // it has been told to end, and another one takes its place
  int times_told = 0;
};

// The terminal belongs to the supervisor's group. A process of another group that reads it is
// stopped, and then no signal ends it. So a worker has nothing to read, and is refused what it asks
// of the terminal itself: who calls Python's breakpoint() in it gets an exception.
void leave_terminal() {
  const int nothing = open("/dev/null", O_RDONLY);
  if (nothing > STDIN_FILENO) {
    dup2(nothing, STDIN_FILENO);
    close(nothing);
  }
  for (const int signal : {SIGTTIN, SIGTTOU}) std::signal(signal, SIG_IGN);
}

using Changed = std::function<std::optional<std::string>()>;

// All that happens to the supervisor is a signal: a worker is ready or has ended, a pause is over,
// somebody wants an end. They are blocked, so that none is missed, and taken one by one. How the
// parent process had set them does not count.
class Supervisor {
 public:
  Supervisor(int count, const std::function<void()>& announce, const Changed& changed);

  // As run_workers().
  std::optional<int> run();

 private:
  void start_missing();
  void start();
  void become_worker();
  void handle(int signal);
  void read_ready();
  std::size_t count_ready() const;
  void reap();
  void judge(const Worker& worker, int wait_status);
  void pause();
  void look_for_change();
  void retire_workers();
  void tell_to_end(pid_t pid, Worker& worker, int signal);
  void stop(int signal);

  std::size_t count_;
  const std::function<void()>& announce_;
  const Changed& changed_;
  sigset_t signals_;
  std::map<pid_t, Worker> workers_;
  int pids_ = -1;  // the reading end of ready_pipe
  bool announced_ = false;  // all were ready
  bool is_worker_ = false;  // this process is not the supervisor any more
  bool pausing_ = false;
  bool awaiting_change_ = false;  // as they are now, the files cannot be started
  bool stopping_ = false;
  int status_ = 0;
};

Supervisor::Supervisor(int count, const std::function<void()>& announce, const Changed& changed)
    : count_(static_cast<std::size_t>(count)), announce_(announce), changed_(changed) {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD, SIGALRM, ready_signal}) {
    sigaddset(&signals_, signal);
  }
  sigprocmask(SIG_BLOCK, &signals_, nullptr);
  std::signal(SIGCHLD, SIG_DFL);  // were it ignored, nobody would learn that a worker has ended
  supervisor_pid = getpid();
  int ends[2];
  if (pipe(ends) != 0) throw std::system_error(errno, std::system_category(), "pipe");
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  pids_ = ends[0];
  ready_pipe = ends[1];
}

std::optional<int> Supervisor::run() {
  if (changed_) alarm(1);
  start_missing();
  while (!is_worker_ && !(stopping_ && workers_.empty())) {
    int signal = 0;
    sigwait(&signals_, &signal);
    handle(signal);
    start_missing();
  }
  return is_worker_ ? std::nullopt : std::optional(status_);
}

void Supervisor::handle(int signal) {
  switch (signal) {
    case SIGCHLD: reap(); break;
    case SIGALRM:
      pausing_ = false;
      if (changed_ && !stopping_) look_for_change();
      break;
    case ready_signal: read_ready(); break;
    default: stop(signal);
  }
}

// Signals that are equal and come at the same time are one, and anybody can send one: the pids in
// the pipe say who is ready. One that has died meanwhile is not among the workers any more.
void Supervisor::read_ready() {
  pid_t pid = 0;
  while (read(pids_, &pid, sizeof(pid)) == sizeof(pid)) {
    const auto worker = workers_.find(pid);
    if (worker != workers_.end()) worker->second.ready = true;
  }
  if (announced_ || stopping_ || count_ready() < count_) return;
  announced_ = true;
  announce_();
}

std::size_t Supervisor::count_ready() const {
  return static_cast<std::size_t>(std::count_if(
      workers_.begin(), workers_.end(),
      [](const auto& worker) { return worker.second.ready && !worker.second.retired; }));
}

// At first one after the other, each when the one before is ready: where none of them can serve,
// only one says why.
void Supervisor::start_missing() {
  const std::size_t wanted = announced_ ? count_ : std::min(count_ready() + 1, count_);
  const bool may_start = !stopping_ && !awaiting_change_;
  while (may_start && !pausing_ && !is_worker_ && workers_.size() < wanted) start();
}

void Supervisor::start() {
  const pid_t pid = fork();
  if (pid == 0) {
    become_worker();
  } else if (pid > 0) {
    workers_.emplace(pid, Worker{Clock::now()});
  } else {
    log_line("a worker cannot be started: " + std::system_category().message(errno));
    pause();
  }
}

void Supervisor::become_worker() {
  is_worker_ = true;
  setpgid(0, 0);  // Ctrl-C reaches a whole group, and the supervisor passes it on: not twice
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGTERM);  // if the supervisor dies, its workers end
  if (getppid() != supervisor_pid) raise(SIGTERM);
#endif
  close(pids_);
  leave_terminal();
  sigprocmask(SIG_UNBLOCK, &signals_, nullptr);
}

// Several that have ended can be one signal.
void Supervisor::reap() {
  int wait_status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &wait_status, WNOHANG)) > 0;) {
    const auto worker = workers_.find(pid);
    if (worker == workers_.end()) continue;
    const Worker ended = worker->second;
    workers_.erase(worker);
    judge(ended, wait_status);
  }
}

void Supervisor::judge(const Worker& worker, int wait_status) {
  const bool exited = WIFEXITED(wait_status);
  const int number = exited ? WEXITSTATUS(wait_status) : WTERMSIG(wait_status);
  const bool could_not_start = exited && number == cannot_serve && !worker.ready;
  if (stopping_) {
    // A signal that comes before the worker could catch it ends it as well.
    const bool as_told = !exited && (number == SIGTERM || number == SIGINT);
    if (!as_told) status_ = std::max(status_, exited ? number : 128 + number);
  } else if (worker.retired) {
    return;
  } else if (could_not_start && changed_) {
    awaiting_change_ = true;
    log_line("the application is started again when a file of it has changed");
  } else if (could_not_start && !announced_) {  // nor could another
    status_ = number;
    stop(SIGTERM);
  } else {
    log_line("a worker has ended, " + std::string(exited ? "exit status " : "by signal ") +
             std::to_string(number) + "; another one takes its place");
    if (Clock::now() - worker.started < std::chrono::seconds(pause_seconds)) pause();
  }
}

void Supervisor::pause() {
  pausing_ = true;
  alarm(pause_seconds);
}

// To look may take longer than a second. So the next second begins afterwards: of the signals that
// wait, the one with the lowest number is taken, and SIGALRM has a lower one than SIGTERM and
// SIGCHLD.
void Supervisor::look_for_change() {
  const std::optional<std::string> file = changed_();
  alarm(1);
  if (file) {
    log_line(*file + " has changed: the application is started again");
    awaiting_change_ = false;
    announced_ = false;
    for (auto& [pid, worker] : workers_) worker.retired = true;
  }
  retire_workers();
}

// A worker ends in order. If that takes longer than a second, a second signal ends it at once:
// whoever works on the application waits for it.
void Supervisor::retire_workers() {
  for (auto& [pid, worker] : workers_) {
    if (worker.retired) tell_to_end(pid, worker, SIGTERM);
  }
}

// One that hears nothing, as while its application waits for something in C, would never end.
void Supervisor::tell_to_end(pid_t pid, Worker& worker, int signal) {
  kill(pid, ++worker.times_told > signals_before_kill ? SIGKILL : signal);
}

void Supervisor::stop(int signal) {
  stopping_ = true;
  for (auto& [pid, worker] : workers_) tell_to_end(pid, worker, signal);
}

}  // namespace

std::optional<int> run_workers(int count, const std::function<void()>& prepare,
                               const std::function<void()>& announce, const Changed& changed) {
  Supervisor supervisor(count, announce, changed);
  prepare();
  return supervisor.run();
}

std::optional<int> fork_workers(
    Options& options, const std::function<asio::ip::tcp::endpoint(const Options&)>& take_address,
    const std::function<void(const asio::ip::tcp::endpoint&)>& announce) {
  if (options.workers == 1 && !options.reload) return std::nullopt;
  asio::ip::tcp::endpoint endpoint;
  const auto prepare = [&] {
    Options alone = options;
    alone.workers = 1;  // without SO_REUSEPORT: this fails if another program has the port
    endpoint = take_address(alone);
    options.port = endpoint.port();  // one for all, also where the system has picked it
    options.host = endpoint.address().to_string();
  };
  Changed changed;
  if (options.reload) {
    changed = [watch = SourceWatch(options.app_dir)]() mutable { return watch.changed(); };
  }
  return run_workers(
      options.workers, prepare, [&] { announce(endpoint); }, changed);
}

void share_port(int socket) {
  const int on = 1;
  if (setsockopt(socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) != 0) {
    throw std::system_error(errno, std::system_category());
  }
}

bool report_ready() {
  const pid_t pid = getpid();
  if (ready_pipe == -1 || pid == supervisor_pid) return false;
  const bool written = write(ready_pipe, &pid, sizeof(pid)) == sizeof(pid);
  close(ready_pipe);
  if (written && getppid() == supervisor_pid) kill(supervisor_pid, ready_signal);
  return true;
}
