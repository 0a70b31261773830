#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

/// What a coroutine waits on until another one has changed something. Who waits looks at what has
/// changed before and after each wait, in a loop: a wait may end early, and one that begins after
/// notify() does not see it.
class Condition {
 public:
  using Time = asio::steady_timer::time_point;

  /// `executor` is of the loop in which all of them run.
  explicit Condition(const asio::any_io_executor& executor) : timer_(executor, Time::max()) {}

  /// Waits for the next notify(). Several coroutines may.
  asio::awaitable<void> wait() { return wait_until(Time::max()); }

  /// The same, but not longer than until `end`. One coroutine at a time may wait until an end.
  asio::awaitable<void> wait_until(Time end) {
    if (timer_.expiry() != end) timer_.expires_at(end);
    return timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored_));
  }

  /// Ends the waits that have begun.
  void notify() { timer_.cancel(); }

 private:
  // Where each wait puts its error_code, which nobody reads: what has changed tells why it has
  // ended. No member, for a wait that the destructor cancels still writes to it.
  static inline thread_local asio::error_code ignored_;

  asio::steady_timer timer_;
};
