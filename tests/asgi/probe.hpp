#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>

#include "asgi/asgi.hpp"

// What every probing application names.
using asgi::awaitable;
using asgi::HttpResponseBody;
using asgi::HttpResponseStart;
using asgi::Receive;
using asgi::Scope;
using asgi::Send;

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
  awaitable<void> pass() const;

 private:
  std::atomic<bool> open_ = false;
};

/// Lets time pass in an application.
awaitable<void> wait(std::chrono::milliseconds time);

/// Lets a coroutine go on by itself: nobody waits for it.
awaitable<void> leave_behind(awaitable<void> task);

/// Waits until a coroutine that was left behind has written that line, and is suspended.
awaitable<void> until(const Journal& journal, std::string_view line);

/// The name of an event that was received; for http.request also its body and "..." if more comes.
std::string name_of(const asgi::ReceiveEvent& event);

/// Receives one event, and writes down what `name` calls it; likewise that the server would not
/// have it.
awaitable<void> note_received(Journal& journal, Receive receive,
                              std::string (*name)(const asgi::ReceiveEvent&) = name_of);

/// Sends `event`, and writes down what happened: "sent", "EventError" or "Disconnected".
awaitable<void> note_sent(Journal& journal, Send send, asgi::SendEvent event);

/// The body of the request; what came of it, where http.disconnect ended it.
awaitable<std::string> read_body(Receive receive);

/// A complete response of plain text.
awaitable<void> respond(Send send, int status, std::string text);
