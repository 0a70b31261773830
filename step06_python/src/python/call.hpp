#pragma once

#include <pybind11/pytypes.h>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "asgi/asgi.hpp"
#include "condition.hpp"
#include "python/asyncio.hpp"

namespace python {

/// One call of a Python application: what stands behind its receive() and send(), and how it ends.
/// Both do at once what can be done at once. For the rest there is a Future, and a coroutine that
/// waits; several tasks of the application may wait, and have their turn in the order in which they
/// came. All that is not a coroutine is called with Python's lock.
class Call : public std::enable_shared_from_this<Call> {
 public:
  /// `asyncio` outlives this.
  Call(Asyncio& asyncio, asio::any_io_executor executor, asgi::Receive receive, asgi::Send send);

  /// Calls an application, by what make_start() of bridge.py has returned. It may have ended when
  /// this returns.
  void start(const pybind11::object& start, const pybind11::dict& scope);

  /// Waits until the task has ended.
  awaitable<void> wait_until_ended();

  /// The next event, a dict; or a Future, which is done when it is the caller's turn to take() it.
  pybind11::object receive();

  /// The event that there is for whoever's turn it is.
  pybind11::object take();

  /// Gives up a place in the queue of receive(), with an event or without: the next one has its
  /// turn.
  void leave(const pybind11::object& future);

  /// Sends an event. None: it is sent; or a Future, which is done when it is.
  pybind11::object send(pybind11::handle message);

  /// The application has ended: it has returned (None), or has raised an exception.
  void finish(pybind11::object error);

  /// That exception, or None. To be asked once, when it has ended: an exception leads to frames,
  /// and from there to us.
  pybind11::object take_error() { return std::move(error_); }

  /// Whether it has asked for an event.
  bool has_received() const { return received_; }

  /// Whether receive() or send() has told it of a disconnect, and not because it had sent its last
  /// event: what it then raises is no fault of its own.
  bool was_disconnected() const { return disconnected_; }

  /// Takes the next event, if there is one without waiting. Whether that is http.disconnect.
  bool take_end() const;

 private:
  struct Sender {
    std::optional<asgi::SendEvent> event;  // nothing: it has been taken, and is being settled
    pybind11::object future;
  };

  bool hand_over(asgi::SendEvent& event);
  void begin_delivery();
  awaitable<void> deliver(std::shared_ptr<Call> self);
  void offer_event();
  void refuse_receivers(const std::exception_ptr& failure);
  awaitable<void> settle(std::shared_ptr<Call> self);
  void answer_sender(const std::exception_ptr& failure);
  void take_next();
  pybind11::object make_future() const;

  Asyncio& asyncio_;
  const asio::any_io_executor executor_;
  const asgi::Receive receive_;
  const asgi::Send send_;
  pybind11::object task_;  // while it runs: asyncio itself keeps no task
  pybind11::object error_;
  bool running_ = true;  // the task
  Condition ended_;  // notified when it does not run any more
  bool received_ = false;
  bool answered_ = false;  // it has sent its last event
  bool disconnected_ = false;
  bool delivering_ = false;  // deliver() is under way
  std::deque<pybind11::object> receivers_;  // Futures of those who wait for their turn, or have it
  std::optional<asgi::ReceiveEvent> next_;  // what has come, and is not taken yet
  std::deque<Sender> senders_;
};

}  // namespace python
