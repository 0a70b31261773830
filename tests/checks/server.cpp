#include "server.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/ip/udp.hpp>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "guard.hpp"
#include "settings.hpp"
#include "story.hpp"

extern char** environ;

using namespace std::chrono_literals;

namespace {

constexpr auto time_to_start = 10s;
constexpr auto time_to_stop = 5s;
constexpr auto own_loop = 300ms;  // of processor time: what a server takes is compared with it

// Of the check that this thread is busy with.
thread_local std::vector<std::string> troubles;

std::string replace(std::string text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// A port that is free now. It is taken from below the range that systems give to clients, so that
// no connection takes it before the server does. Nor does the server of another judge that runs
// beside us: the same port of UDP, which no server here uses, is a claim that we hold to our end.
unsigned short free_port() {
  static asio::io_context io;
  static std::vector<asio::ip::udp::socket> claims;
  static std::mt19937 random(std::random_device{}());
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  while (true) {
    const auto port = static_cast<unsigned short>(20000 + random() % 12000);
    const auto loopback = asio::ip::address_v4::loopback();
    asio::ip::udp::socket claim(io, asio::ip::udp::v4());
    ::fcntl(claim.native_handle(), F_SETFD, FD_CLOEXEC);
    tcp::acceptor acceptor(io, tcp::v4());
    asio::error_code error;
    claim.bind({loopback, port}, error);
    if (!error) acceptor.bind({loopback, port}, error);
    if (error) continue;
    claims.push_back(std::move(claim));
    return port;
  }
}

tcp::endpoint parse_address(const std::string& address) {
  const auto colon = address.rfind(':');
  asio::io_context io;
  const auto found = tcp::resolver(io).resolve(address.substr(0, colon), address.substr(colon + 1));
  return found.begin()->endpoint();
}

bool can_connect(const tcp::endpoint& endpoint) {
  asio::io_context io;
  tcp::socket socket(io);
  asio::error_code error;
  socket.connect(endpoint, error);
  return !error;
}

std::string in_words(int status) {
  if (WIFEXITED(status)) return "status " + std::to_string(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  return "signal " + std::to_string(number) + " (" + ::strsignal(number) + ')';
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// The first lines of what a sanitizer has said, if one has said something.
std::vector<std::string> sanitizer_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string& line : split_lines(text)) {
    const bool sign =
        line.find("Sanitizer:") != line.npos || line.find("runtime error:") != line.npos;
    if ((sign || !lines.empty()) && lines.size() < 8) lines.push_back(line);
  }
  return lines;
}

std::string last_line(const std::string& text) {
  const auto lines = split_lines(text);
  return lines.empty() ? "nothing" : lines.back();
}

std::string command_for(const std::string& options, int descriptors, unsigned short port) {
  std::string command = replace(settings().command, "{options}", options);
  command = "exec " + replace(command, "{port}", std::to_string(port));
  return descriptors > 0 ? "ulimit -n " + std::to_string(descriptors) + "; " + command : command;
}

// A shell waits for a word from us before it starts a server: if we end before the guard knows of
// the server, the word never comes, and none is left behind.
class Word {
 public:
  static inline const std::string awaited = "read -r word || exit; exec </dev/null; ";

  Word() {
    if (::pipe(ends_.data()) != 0) throw Failure{{}, "to start a server", std::nullopt};
    for (const int end : ends_) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  }
  ~Word() {
    for (const int end : ends_) ::close(end);
  }
  Word(const Word&) = delete;
  Word& operator=(const Word&) = delete;

  int reading_end() const { return ends_[0]; }
  void say() const { [[maybe_unused]] const auto size = ::write(ends_[1], "\n", 1); }

 private:
  std::array<int, 2> ends_{};
};

// The servers that were started, by their ports.
struct Started {
  pid_t pid = 0;  // 0: it has ended
  std::string options;
};
std::map<unsigned short, Started> started;
std::mutex started_mutex;

void note_options(unsigned short port, const std::string& options) {
  const std::lock_guard lock(started_mutex);
  started[port].options = options;
}

void note_pid(unsigned short port, pid_t pid) {
  const std::lock_guard lock(started_mutex);
  started[port].pid = pid;
}

std::chrono::nanoseconds time_of(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) return 0ns;
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

pid_t pid_at(const tcp::endpoint& server) {
  const std::lock_guard lock(started_mutex);
  return started[server.port()].pid;
}

// How long a process, and this thread, have waited for a processor.
std::chrono::nanoseconds denied_to(pid_t pid) {
  std::chrono::nanoseconds sum{0};
  for (const std::string& who : {std::to_string(pid), std::string("thread-self")}) {
    std::ifstream file("/proc/" + who + "/schedstat");
    long long run = 0;
    long long waited = 0;
    if (file >> run >> waited) sum += std::chrono::nanoseconds(waited);
  }
  return sum;
}

// A shell may have started the server: all processes of its group count. Only Linux tells.
std::chrono::nanoseconds cpu_time_of_group(pid_t group) {
  std::chrono::nanoseconds sum{0};
#ifdef __linux__
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const pid_t pid = std::atoi(entry.path().filename().c_str());
    clockid_t clock{};
    if (pid <= 0 || ::getpgid(pid) != group) continue;
    if (::clock_getcpuclockid(pid, &clock) == 0) sum += time_of(clock);
  }
#endif
  return sum;
}

// Takes so much processor time, however long that lasts.
void spin_for(std::chrono::nanoseconds time) {
  const auto end = time_of(CLOCK_THREAD_CPUTIME_ID) + time;
  while (time_of(CLOCK_THREAD_CPUTIME_ID) < end) continue;
}

// The server that all checks share.
std::unique_ptr<Server> shared;
std::size_t shared_said = 0;  // how much of what it said has been looked at

}  // namespace

Server::Server(const std::string& options, int descriptors) {
  if (settings().command.empty()) throw NotJudged{"needs a server of its own: use --server"};
  const bool can_set = settings().command.find("{options}") != std::string::npos;
  if (!options.empty() && !can_set) throw NotJudged{"the command has no {options}"};
  endpoint_ = {asio::ip::address_v4::loopback(), free_port()};
  note_options(endpoint_.port(), options);
  output_.reset(std::tmpfile(), [](std::FILE* file) { std::fclose(file); });
  start(command_for(options, descriptors, endpoint_.port()));
  await_readiness();
}

Server::~Server() {
  stop();
  const std::string words = in_words(*status_);
  if (ended_badly()) report_trouble("it ended with " + words);
  for (const std::string& line : sanitizer_lines(said())) report_trouble(line);
}

void Server::start(const std::string& command) {
  const Word word;
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, word.reading_end(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, ::fileno(output_.get()), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, ::fileno(output_.get()), STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  // A server that got the sockets of checks that run beside it would keep them, and their ports.
#ifdef POSIX_SPAWN_CLOEXEC_DEFAULT  // macOS
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_CLOEXEC_DEFAULT);
#else
  posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
#endif
  posix_spawnattr_setpgroup(&attributes, 0);
  std::array<std::string, 3> words = {"sh", "-c", Word::awaited + command};
  std::array<char*, 4> argv = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  const int error = ::posix_spawn(&pid_, "/bin/sh", &files, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) throw Failure{{}, "to start a server", std::nullopt};
  guard(pid_);
  word.say();
  note_pid(endpoint_.port(), pid_);
}

void Server::await_readiness() {
  const auto deadline = std::chrono::steady_clock::now() + time_to_start;
  std::string why;
  while (!can_connect(endpoint_)) {
    if (ended()) why = "the server ended with " + in_words(*status_);
    if (std::chrono::steady_clock::now() > deadline) why = "the server took no connection for 10 s";
    if (why.empty()) {
      std::this_thread::sleep_for(5ms);
      continue;
    }
    stop();
    throw Failure{
        {{Event::Kind::note, why, "", ""}, {Event::Kind::note, last_line(said()), "it said", ""}},
        "a server that starts",
        std::nullopt};
  }
}

void Server::signal(int number) const {
  if (pid_ > 0 && !status_) ::kill(pid_, number);
}

std::optional<std::string> Server::ended() {
  if (!status_) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    status_ = status;
    ::kill(-pid_, SIGKILL);  // what it may have left behind
    release(pid_);
    note_pid(endpoint_.port(), 0);
  }
  return in_words(*status_);
}

std::optional<std::string> Server::ended_within(std::chrono::milliseconds time) {
  const Patience patience(endpoint_, time);
  auto end = ended();
  while (!end && patience.left() > 0ns) {
    std::this_thread::sleep_for(2ms);
    end = ended();
  }
  return end;
}

bool Server::ended_badly() const {
  if (killed_) return false;
  if (WIFEXITED(*status_)) return WEXITSTATUS(*status_) != 0;
  return WTERMSIG(*status_) != SIGTERM && WTERMSIG(*status_) != SIGINT;
}

std::string Server::said(std::size_t from) const {
  std::string text;
  std::array<char, 4096> chunk{};
  const int file = ::fileno(output_.get());
  while (true) {
    const auto at = static_cast<off_t>(from + text.size());
    const auto size = ::pread(file, chunk.data(), chunk.size(), at);
    if (size <= 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(size));
  }
}

void Server::stop() {
  if (ended()) return;
  signal(SIGTERM);
  if (ended_within(time_to_stop)) return;
  report_trouble("it did not end after SIGTERM and was killed");
  kill();
}

void Server::kill() {
  if (ended()) return;
  killed_ = true;
  ::kill(-pid_, SIGKILL);
  ended_within(time_to_stop);
}

std::string options_of(const tcp::endpoint& server) {
  const std::lock_guard lock(started_mutex);
  const auto found = started.find(server.port());
  return found == started.end() ? "" : found->second.options;
}

Patience::Patience(const tcp::endpoint& server, std::chrono::milliseconds time)
    : server_(server), time_(time), denied_(denied_to(pid_at(server))) {}

std::chrono::nanoseconds Patience::left() const {
  const auto denied = denied_to(pid_at(server_)) - denied_;
  const auto passed = std::chrono::steady_clock::now() - begin_;
  return time_ + std::clamp<std::chrono::nanoseconds>(denied, 0ns, 15 * time_) - passed;
}

Activity activity_of(const tcp::endpoint& server) {
  const pid_t pid = pid_at(server);
  const auto before = pid > 0 ? cpu_time_of_group(pid) : 0ns;
  if (before == 0ns) return Activity::unknown;
  spin_for(own_loop);
  const auto taken = cpu_time_of_group(pid) - before;
  return taken > own_loop / 10 ? Activity::spins : Activity::waits;
}

bool always_spins(const Server& server) {
  for (int i = 0; i < 3; ++i) {
    if (activity_of(server.endpoint()) != Activity::spins) return false;
  }
  return true;
}

tcp::endpoint the_server() {
  if (!settings().address.empty()) return parse_address(settings().address);
  if (shared && shared->ended()) shared.reset();
  if (!shared) {
    shared = std::make_unique<Server>();
    shared_said = shared->said().size();  // its greeting
  }
  return shared->endpoint();
}

void report_trouble(const std::string& trouble) { troubles.push_back(trouble); }

std::vector<std::string> take_own_troubles() { return std::exchange(troubles, {}); }

std::vector<std::string> take_troubles() {
  if (shared && shared->ended()) {
    // It was not asked to end: even status 0 is wrong now.
    const auto end = *shared->ended();
    const bool told = shared->ended_badly();
    shared.reset();
    if (!told) report_trouble("it ended with " + end);
  } else if (shared && !sanitizer_lines(shared->said()).empty()) {
    shared.reset();
  }
  return take_own_troubles();
}

std::vector<std::string> take_last_words() {
  if (!shared) return {};
  const std::string text = shared->said(shared_said);
  shared_said += text.size();
  std::vector<std::string> lines = split_lines(text);
  if (lines.size() > 5) lines.erase(lines.begin(), lines.end() - 5);
  return lines;
}

void await_obituary() {
  if (shared) shared->ended_within(200ms);
}

void restart_the_server() {
  if (shared) shared->kill();
  shared.reset();
}

void stop_the_server() { shared.reset(); }
