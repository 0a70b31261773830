#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>

#include "asgi/asgi.hpp"

/// What probing applications are made of.

/// What has happened in an application, a line each: written by it, read by the test.
class Journal {
 public:
  void add(std::string_view line);

  /// All lines, each ended by LF.
  std::string text() const;

  /// Waits until that line is there. Throws std::runtime_error after twenty seconds.
  void wait_for(std::string_view line) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable added_;
  std::string text_;
};

/// Where an application waits until the test lets it go on.
class Gate {
 public:
  void open() { open_ = true; }
  asgi::awaitable<void> pass() const;

 private:
  std::atomic<bool> open_ = false;
};

/// Lets time pass in an application.
asgi::awaitable<void> wait(std::chrono::milliseconds time);

/// The name of an event that was received; for http.request also its body and "..." if more comes.
std::string name_of(const asgi::ReceiveEvent& event);

/// Receives one event, and writes down what `name` calls it; likewise that the server would not
/// have it.
asgi::awaitable<void> note_received(Journal& journal, asgi::Receive receive,
                                    std::string (*name)(const asgi::ReceiveEvent&) = name_of);

/// Sends `event`, and writes down what happened: "sent", "EventError" or "Disconnected".
asgi::awaitable<void> note_sent(Journal& journal, asgi::Send send, asgi::SendEvent event);

/// The body of the request; what came of it, where http.disconnect ended it.
asgi::awaitable<std::string> read_body(asgi::Receive receive);

/// A complete response of plain text.
asgi::awaitable<void> respond(asgi::Send send, int status, std::string text);
