#pragma once

#include <atomic>
#include <cstddef>

namespace websocket {

/// Counts what one WebSocket holds of messages that its application has not received yet, and what
/// all WebSockets of this process hold together: one octet sent can inflate to a thousand held.
class Held {
 public:
  /// All together hold `limit` octets at most, beyond those that each may hold in any case.
  explicit Held(std::size_t limit) : limit_(limit) {}
  ~Held() { set(0); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  /// This one holds `size` octets now: no more than room() was.
  void set(std::size_t size) {
    const std::size_t counted = size > in_any_case ? size - in_any_case : 0;
    all_ += counted - counted_;
    counted_ = counted;
  }

  /// How many octets this one may hold now.
  std::size_t room() const {
    const std::size_t others = all_ - counted_;
    return in_any_case + (limit_ > others ? limit_ - others : 0);
  }

 private:
  static constexpr std::size_t in_any_case = 64 * 1024;
  inline static std::atomic<std::size_t> all_ = 0;  // atomic: a process may run several servers
  std::size_t limit_;
  std::size_t counted_ = 0;  // of this one, in all_
};

}  // namespace websocket
