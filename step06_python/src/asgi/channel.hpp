#pragma once

#include <optional>

#include "asgi/asgi.hpp"

namespace asgi {

/// What stands behind the receive() and send() of one application that has been called: a cycle of
/// the server, or a middleware. What an event means never suspends, and waiting never interprets:
/// so who calls the application can do the one without the other.
class Channel {
 public:
  Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// An event, if there is one without waiting. Does not throw what refuses a request: a body that
  /// is refused is an http.disconnect.
  virtual std::optional<ReceiveEvent> poll() = 0;

  /// Waits until poll() may have an event. It may return early, and loses no event when it is
  /// cancelled.
  virtual awaitable<void> wait() = 0;

  /// Does what `event` means, or throws and does nothing. True: settle() is to be awaited before
  /// the next one is sent. If it is not, everything here is right nevertheless.
  virtual bool take(SendEvent& event) = 0;

  /// Waits until what has been taken is sent.
  virtual awaitable<void> settle() = 0;

  /// What the application is given.
  Receive receive() const;
  Send send() const;

 protected:
  /// Does what end() does.
  ~Channel();

  /// The application has returned: from now on its receive() and send() throw EventError, and touch
  /// nothing of this object.
  void end();
  bool ended() const;

  /// Whether a coroutine of the application is still suspended in wait() or settle(). Such a one is
  /// to be woken, and waited for, before this object is destroyed.
  bool occupied() const;
  awaitable<void> wait_until_left();

 private:
  Slot& slot_;
};

/// A middleware's channel: hands everything on to the receive() and send() that the middleware was
/// given. A middleware overrides what it wants to look at, or to change.
class Relay : public Channel {
 public:
  Relay(Receive receive, Send send) : receive_(receive), send_(send) {}
  std::optional<ReceiveEvent> poll() override { return receive_.poll(); }
  awaitable<void> wait() override { return receive_.wait(); }
  bool take(SendEvent& event) override { return send_.take(event); }
  awaitable<void> settle() override { return send_.settle(); }

 private:
  Receive receive_;
  Send send_;
};

}  // namespace asgi
