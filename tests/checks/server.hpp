#pragma once

#include <sys/types.h>

#include <asio.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using asio::ip::tcp;

/// A server that was started for judging: its own process group, stopped at the end of its life.
class Server {
 public:
  /// Starts the command of the settings, with these options in the place of {options}, and waits
  /// until one can connect. `descriptors`: how many files it may have open; 0: no matter.
  /// Throws NotJudged when the settings do not allow it, Failure when the server does not start.
  explicit Server(const std::string& options = "", int descriptors = 0);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Where it listens.
  tcp::endpoint endpoint() const { return endpoint_; }

  /// Sends it a signal.
  void signal(int number) const;

  /// How it ended, in words ("status 0", "signal 11 (Segmentation fault)"), once it has.
  std::optional<std::string> ended();

  /// The same, after at most `time` has passed.
  std::optional<std::string> ended_within(std::chrono::milliseconds time);

  /// Whether it ended as a program does that was not asked to, or that is broken.
  bool ended_badly() const;

  /// What it has written to its standard output and error, from that offset.
  std::string said(std::size_t from = 0) const;

  /// SIGTERM and, when that does not help, SIGKILL. Afterwards it has ended.
  void stop();

  /// SIGKILL: for a server that is stuck. That is not held against it.
  void kill();

 private:
  void start(const std::string& command);
  void await_readiness();

  tcp::endpoint endpoint_;
  pid_t pid_ = -1;
  std::shared_ptr<std::FILE> output_;
  std::optional<int> status_;
  bool killed_ = false;  // by us, because it would not end
};

/// The options that the server at this address was started with, if it is one that we started.
std::string options_of(const tcp::endpoint& server);

/// Time for what must happen. It does not pass while the server, or we, could go on and get no
/// processor: what else the machine does is not held against the server. (Only Linux tells.)
class Patience {
 public:
  /// Begins now.
  Patience(const tcp::endpoint& server, std::chrono::milliseconds time);

  /// How much is left; not more than 0: it is over.
  std::chrono::nanoseconds left() const;

 private:
  tcp::endpoint server_;
  std::chrono::nanoseconds time_;
  std::chrono::nanoseconds denied_;  // processor time, before it began
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// What a server does that says nothing.
enum class Activity { unknown, waits, spins };

/// Whether the server at this address takes processor time without a pause. That is compared with a
/// loop of our own over the same time, so that it does not matter what else the machine does.
Activity activity_of(const tcp::endpoint& server);

/// Whether it does so for longer than a burst of work lasts.
bool always_spins(const Server& server);

/// Where the judged server listens, the one that all checks share. Starts it when there is none.
tcp::endpoint the_server();

/// Something is wrong with a server, as a crash or a sanitizer's complaint: a line of it.
void report_trouble(const std::string& trouble);

/// What is wrong with servers that this thread has started. Each thing is told once.
std::vector<std::string> take_own_troubles();

/// The same, and what is wrong with the shared server.
std::vector<std::string> take_troubles();

/// The last lines that the shared server has written since this was last asked for.
std::vector<std::string> take_last_words();

/// When a connection broke off, gives the shared server a moment to be seen to have ended.
void await_obituary();

/// Stops the shared server, so that the next check has a new one.
void restart_the_server();

/// Stops the shared server for good.
void stop_the_server();
