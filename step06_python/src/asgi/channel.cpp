#include "asgi/channel.hpp"

#include <asio/this_coro.hpp>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

#include "condition.hpp"
#include "flag_guard.hpp"

namespace asgi {

// Where handles find their channel. A coroutine that an application has started may keep a handle
// for as long as the program runs: so a slot is used again and again, and never freed.
struct Slot {
  Channel* channel = nullptr;
  std::uint64_t generation = 0;  // raised when an application returns
  bool owned = false;  // by a channel
  bool receiving = false;  // one coroutine waits in receive()
  std::size_t suspended = 0;  // coroutines in wait() or settle()
  Condition* left = nullptr;  // notified when there are none any more
  Slot* next_free = nullptr;
};

namespace {

// All slots. A program may have several servers, each in a thread of its own.
class Slots {
 public:
  Slot& take() {
    const std::lock_guard lock(mutex_);
    if (!free_) free_ = &all_.emplace_back();
    return *std::exchange(free_, free_->next_free);
  }

  void give_back(Slot& slot) {
    const std::lock_guard lock(mutex_);
    slot.next_free = std::exchange(free_, &slot);
  }

 private:
  std::mutex mutex_;
  std::deque<Slot> all_;
  Slot* free_ = nullptr;
};

// Never destroyed: what is static may keep a handle too.
Slots& slots() {
  static Slots* const all = new Slots;
  return *all;
}

// A coroutine that is suspended in a channel, until it goes on or is destroyed.
class Suspended {
 public:
  explicit Suspended(Slot& slot) : slot_(slot) { ++slot_.suspended; }
  ~Suspended() {
    if (--slot_.suspended > 0) return;
    if (slot_.left) slot_.left->notify();
    if (!slot_.owned) slots().give_back(slot_);
  }
  Suspended(const Suspended&) = delete;
  Suspended& operator=(const Suspended&) = delete;

 private:
  Slot& slot_;
};

// While it lives, `left` is notified when the last suspended coroutine has left.
class Notified {
 public:
  Notified(Slot& slot, Condition& left) : slot_(slot) { slot_.left = &left; }
  ~Notified() { slot_.left = nullptr; }
  Notified(const Notified&) = delete;
  Notified& operator=(const Notified&) = delete;

 private:
  Slot& slot_;
};

awaitable<void> wait_in(Handle handle) {
  Channel& channel = handle.channel();
  const Suspended suspended(*handle.slot);
  const FlagGuard receiving(handle.slot->receiving);
  co_await channel.wait();
  handle.channel();  // throws if the application has returned meanwhile
}

awaitable<void> settle_in(Handle handle, bool due) {
  if (!due) co_return;
  Channel& channel = handle.channel();
  const Suspended suspended(*handle.slot);
  co_await channel.settle();
  handle.channel();
}

awaitable<ReceiveEvent> receive_from(Receive receive) {
  std::optional<ReceiveEvent> event = receive.poll();
  while (!event) {
    co_await receive.wait();
    event = receive.poll();
  }
  co_return *std::move(event);
}

}  // namespace

Channel& Handle::channel() const {
  if (slot->generation == generation) return *slot->channel;
  throw EventError("receive() or send() is called after the application has returned");
}

awaitable<ReceiveEvent> Receive::operator()() const {
  handle_.channel();
  return receive_from(*this);
}

std::optional<ReceiveEvent> Receive::poll() const {
  Channel& channel = handle_.channel();
  if (!handle_.slot->receiving) return channel.poll();
  throw EventError("receive() is called while another receive() waits");
}

awaitable<void> Receive::wait() const { return wait_in(handle_); }

awaitable<void> Send::operator()(SendEvent event) const {
  const bool due = take(event);
  return settle_in(handle_, due);
}

bool Send::take(SendEvent& event) const { return handle_.channel().take(event); }

awaitable<void> Send::settle() const { return settle_in(handle_, true); }

Channel::Channel() : slot_(slots().take()) {
  slot_.channel = this;
  slot_.owned = true;
}

Channel::~Channel() {
  end();
  slot_.owned = false;
  if (slot_.suspended == 0) slots().give_back(slot_);
}

Receive Channel::receive() const { return Receive(Handle{&slot_, slot_.generation}); }

Send Channel::send() const { return Send(Handle{&slot_, slot_.generation}); }

void Channel::end() {
  if (ended()) return;
  ++slot_.generation;
  slot_.channel = nullptr;
}

bool Channel::ended() const { return !slot_.channel; }

bool Channel::occupied() const { return slot_.suspended > 0; }

awaitable<void> Channel::wait_until_left() {
  const auto executor = co_await asio::this_coro::executor;
  Condition left(executor);
  const Notified notified(slot_, left);
  while (occupied()) co_await left.wait();
}

}  // namespace asgi
