#include "python/call.hpp"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <utility>
#include <variant>

#include "python/channel.hpp"
#include "python/convert.hpp"
#include "python/errors.hpp"

namespace py = pybind11;

namespace python {
namespace {

bool is_done(const py::object& future) { return future.attr("done")().cast<bool>(); }

// Nobody waits any more: the Future has been cancelled, or whoever has awaited it is gone.
bool is_abandoned(const py::object& future) { return future.ref_count() == 1 || is_done(future); }

void fail(const Asyncio& asyncio, const py::object& future, const std::exception_ptr& failure) {
  if (!is_abandoned(future)) future.attr("set_exception")(to_python(asyncio, failure));
}

bool is_disconnect(const asgi::ReceiveEvent& event) {
  return std::holds_alternative<asgi::HttpDisconnect>(event) ||
         std::holds_alternative<asgi::WebSocketDisconnect>(event);
}

// Whether an application that has sent this is told of a disconnect also if its client is there.
bool is_last(const asgi::SendEvent& event) {
  if (const auto* const body = std::get_if<asgi::HttpResponseBody>(&event)) return !body->more_body;
  if (const auto* const denial = std::get_if<asgi::WebSocketHttpResponseBody>(&event)) {
    return !denial->body.more_body;
  }
  return std::holds_alternative<asgi::HttpResponsePathsend>(event) ||
         std::holds_alternative<asgi::WebSocketClose>(event);
}

}  // namespace

Call::Call(Asyncio& asyncio, asio::any_io_executor executor, asgi::Receive receive, asgi::Send send)
    : asyncio_(asyncio),
      executor_(std::move(executor)),
      receive_(receive),
      send_(send),
      ended_(executor_) {}

void Call::start(const py::object& start, const py::dict& scope) {
  const py::object channel = make_channel(asyncio_, shared_from_this());
  PyObject* const task =
      PyObject_CallFunctionObjArgs(start.ptr(), scope.ptr(), channel.ptr(), nullptr);
  if (!task) throw py::error_already_set();
  const auto owned = py::reinterpret_steal<py::object>(task);
  if (running_) task_ = owned;
}

void Call::finish(py::object error) {
  error_ = std::move(error);
  running_ = false;
  task_ = {};  // it leads to its frames, and from there to us
  ended_.notify();
}

awaitable<void> Call::wait_until_ended() {
  while (running_) co_await ended_.wait();
}

bool Call::take_end() const {
  if (delivering_) return false;
  const std::optional<asgi::ReceiveEvent> event = receive_.poll();
  return event && std::holds_alternative<asgi::HttpDisconnect>(*event);
}

// When the server has ended, no coroutine of Asio's would ever complete it.
py::object Call::make_future() const {
  if (asyncio_.has_ended()) throw client_gone();
  return asyncio_.loop().attr("create_future")();
}

py::object Call::receive() {
  received_ = true;
  if (receivers_.empty() && !delivering_) {
    if (!next_) next_ = receive_.poll();
    if (next_) return take();
  }
  const py::object future = receivers_.emplace_back(make_future());
  begin_delivery();
  return future;
}

py::object Call::take() {
  const asgi::ReceiveEvent event = *std::exchange(next_, std::nullopt);
  if (!answered_ && is_disconnect(event)) disconnected_ = true;
  return to_python(event);
}

void Call::leave(const py::object& future) {
  std::erase_if(receivers_, [&](const py::object& each) { return each.is(future); });
  if (!receivers_.empty()) begin_delivery();
}

void Call::begin_delivery() {
  const bool begun = std::exchange(delivering_, true);
  if (!begun) asio::co_spawn(executor_, deliver(shared_from_this()), asio::detached);
}

// Waits for an event as long as somebody waits for one here. The argument keeps this alive
// meanwhile.
awaitable<void> Call::deliver(std::shared_ptr<Call>) {
  std::exception_ptr failure;
  try {
    asyncio_.take_gil();
    offer_event();
    while (!receivers_.empty() && !next_) {
      co_await receive_.wait();
      asyncio_.take_gil();
      offer_event();
    }
  } catch (...) {
    failure = std::current_exception();
  }
  asyncio_.take_gil();
  delivering_ = false;
  if (failure) refuse_receivers(failure);
}

// It is the turn of the first one in the queue, who keeps this place up to leave(). Where that one
// is cancelled, in this moment even, the event is still here, and is offered to the next one.
void Call::offer_event() {
  if (receivers_.empty()) return;
  if (!next_) next_ = receive_.poll();
  const py::object& first = receivers_.front();
  if (next_ && !is_done(first)) first.attr("set_result")(py::none());
}

void Call::refuse_receivers(const std::exception_ptr& failure) {
  for (const py::object& future : std::exchange(receivers_, {})) fail(asyncio_, future, failure);
}

py::object Call::send(py::handle message) {
  std::optional<asgi::SendEvent> event = to_event(message);
  const bool first = senders_.empty();
  if (first) {
    const bool due = hand_over(*event);
    if (!due) return py::none();
    event.reset();
  }
  const py::object future = senders_.emplace_back(Sender{std::move(event), make_future()}).future;
  if (first) asio::co_spawn(executor_, settle(shared_from_this()), asio::detached);
  return future;
}

bool Call::hand_over(asgi::SendEvent& event) {
  try {
    const bool due = send_.take(event);
    answered_ = answered_ || is_last(event);
    return due;
  } catch (const Disconnected&) {
    if (!answered_) disconnected_ = true;  // after its own end that says nothing of the client
    throw;
  }
}

// Waits until what was taken is sent, and takes what was given to send() meanwhile.
awaitable<void> Call::settle(std::shared_ptr<Call>) {
  while (!senders_.empty()) {
    std::exception_ptr failure;
    try {
      co_await send_.settle();
    } catch (const Disconnected&) {
      disconnected_ = true;
      failure = std::current_exception();
    } catch (...) {
      failure = std::current_exception();
    }
    asyncio_.take_gil();
    answer_sender(failure);
    take_next();
  }
}

void Call::answer_sender(const std::exception_ptr& failure) {
  const py::object future = std::move(senders_.front().future);
  senders_.pop_front();
  if (failure) {
    fail(asyncio_, future, failure);
  } else if (!is_abandoned(future)) {
    future.attr("set_result")(py::none());
  }
}

// Takes events in their order, up to one that has to be settled. One whose sender does not wait any
// more is sent all the same: what an application has begun to say has no holes.
void Call::take_next() {
  while (!senders_.empty()) {
    std::exception_ptr failure;
    bool due = false;
    try {
      due = hand_over(*senders_.front().event);
    } catch (...) {
      failure = std::current_exception();
    }
    if (due) return;
    answer_sender(failure);
  }
}

}  // namespace python
