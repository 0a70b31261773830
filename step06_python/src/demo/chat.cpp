#include "demo/chat.hpp"

#include <algorithm>
#include <asio/any_io_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>
#include <deque>
#include <exception>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "condition.hpp"
#include "flag_guard.hpp"
#include "http/target.hpp"
#include "utf8.hpp"

using asgi::awaitable;
using asio::use_awaitable;

namespace {

constexpr std::size_t max_outbox = 256;  // messages: who is further behind has to leave
constexpr std::size_t max_name = 32;  // octets
constexpr std::size_t max_text = 4096;  // octets; a longer text is not passed on
constexpr std::chrono::microseconds rest_for_a_name(10);  // of those who are there, to one of them

// One who is there. What is said to them waits in their outbox, so that one slow reader does not
// keep the others waiting.
class Member {
 public:
  Member(std::string name, const asio::any_io_executor& executor)
      : name_(std::move(name)), changed_(executor) {}

  const std::string& name() const { return name_; }

  void tell(const std::string& text) {
    if (leaving_) return;
    outbox_.push_back(text);
    if (outbox_.size() > max_outbox) leaving_ = true;
    changed_.notify();
  }

  // The names of all who are there. A slow reader needs the newest only: each has all names in it,
  // and a crowd that comes and goes would fill everybody's outbox with them.
  void tell_who(std::shared_ptr<const std::string> names) {
    names_ = std::move(names);
    changed_.notify();
  }

  // Sends what is in the outbox until leave(), or the client has gone.
  awaitable<void> write(asgi::Send send) {
    try {
      co_await write_outbox(std::move(send));
    } catch (const std::exception&) {
      // The client has gone, as receive() will tell. leave() waits for this coroutine in any case.
    }
    written_ = true;
    changed_.notify();
  }

  // Waits until write() has returned.
  awaitable<void> leave() {
    leaving_ = true;
    changed_.notify();
    while (!written_) co_await changed_.wait();
  }

 private:
  awaitable<void> write_outbox(asgi::Send send) {
    while (!leaving_) {
      const auto names = std::exchange(names_, nullptr);
      if (names) co_await send(asgi::WebSocketSend::of_text(*names));
      if (outbox_.empty()) {
        if (!names) co_await changed_.wait();
        continue;
      }
      std::string text = std::move(outbox_.front());
      outbox_.pop_front();
      co_await send(asgi::WebSocketSend::of_text(std::move(text)));
    }
    if (outbox_.size() > max_outbox) co_await send(asgi::WebSocketClose(1008, "too slow"));
  }

  std::string name_;
  std::deque<std::string> outbox_;
  std::shared_ptr<const std::string> names_;  // to be sent; nothing: they have not changed
  Condition changed_;  // something here has
  bool leaving_ = false;
  bool written_ = false;
};

// All who are there.
class Room {
 public:
  // `name`, or what tells its bearer from those who have it already.
  std::string distinct(const std::string& name) const {
    std::string one = name;
    for (int i = 2; names_.contains(one); ++i) one = name + " (" + std::to_string(i) + ')';
    return one;
  }

  void enter(Member& member, const asio::any_io_executor& executor) {
    members_.push_back(&member);
    names_.insert(member.name());
    change(executor);
  }

  void leave(Member& member, const asio::any_io_executor& executor) {
    members_.remove(&member);
    names_.erase(member.name());
    change(executor);
  }

  void tell(const std::string& text) {
    for (Member* member : members_) member->tell(text);
  }

 private:
  void change(const asio::any_io_executor& executor) {
    changed_ = true;
    if (!telling_) asio::co_spawn(executor, tell_changes(), [](std::exception_ptr) {});
  }

  // As many names as members go to each of them: a crowd that enters would cost its cube. So a list
  // is followed by a rest that is as long as the list is costly, and then the newest one is told.
  awaitable<void> tell_changes() {
    if (telling_) co_return;
    const FlagGuard telling(telling_);
    asio::steady_timer rest(co_await asio::this_coro::executor);
    while (std::exchange(changed_, false)) {
      tell_who();
      rest.expires_after(members_.size() * members_.size() * rest_for_a_name);
      co_await rest.async_wait(use_awaitable);
    }
  }

  void tell_who() {
    std::string text = "who";
    for (const Member* member : members_) text += '\t' + member->name();
    const auto names = std::make_shared<const std::string>(std::move(text));
    for (Member* member : members_) member->tell_who(names);
  }

  std::list<Member*> members_;
  std::set<std::string> names_;  // theirs
  bool changed_ = false;  // since they were told who is there
  bool telling_ = false;
};

Room& room() {
  static Room everybody;
  return everybody;
}

std::string name_in(std::string_view query) {
  std::string name = http::percent_decode(http::query_parameter(query, "name").value_or(""));
  std::size_t size = std::min(name.size(), max_name);
  const auto continues = [](char c) { return (c & 0xc0) == 0x80; };  // a character
  while (size < name.size() && size > 0 && continues(name[size])) --size;
  name = to_valid_utf8(name.substr(0, size));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
  const std::size_t first = name.find_first_not_of(' ');
  if (first == name.npos) return "somebody";
  return name.substr(first, name.find_last_not_of(' ') + 1 - first);
}

awaitable<void> hear(const Member& member, asgi::Receive receive) {
  for (;;) {
    const asgi::ReceiveEvent event = co_await receive();
    const auto* const message = std::get_if<asgi::WebSocketReceive>(&event);
    if (!message) co_return;  // websocket.disconnect
    const bool heard = message->text && message->text->size() <= max_text;
    if (heard) room().tell("chat\t" + member.name() + '\t' + *message->text);
  }
}

}  // namespace

awaitable<void> chat(const asgi::Scope& scope, asgi::Receive receive, asgi::Send send) {
  const auto executor = co_await asio::this_coro::executor;
  const asgi::ReceiveEvent event = co_await receive();  // websocket.connect
  co_await send(asgi::WebSocketAccept());
  const std::string name = name_in(std::get<asgi::WebSocketScope>(scope).query_string);
  Member member(room().distinct(name), executor);
  asio::co_spawn(executor, member.write(std::move(send)), [](std::exception_ptr) {});
  room().enter(member, executor);
  std::exception_ptr failure;
  try {
    co_await hear(member, std::move(receive));
  } catch (...) {
    failure = std::current_exception();
  }
  room().leave(member, executor);
  co_await member.leave();
  if (failure) std::rethrow_exception(failure);
}
