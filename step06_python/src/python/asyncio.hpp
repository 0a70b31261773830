#pragma once

#include <pybind11/embed.h>

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <exception>
#include <functional>
#include <optional>

namespace python {

using asio::awaitable;

/// asyncio's own event loop, whose selector waits in an io_context: one thread, one place to wait.
/// It needs an Interpreter, which outlives it.
class Asyncio {
 public:
  /// `io` outlives this.
  explicit Asyncio(asio::io_context& io);
  ~Asyncio();
  Asyncio(const Asyncio&) = delete;
  Asyncio& operator=(const Asyncio&) = delete;

  /// Runs the loop, and with it the io_context, until `program` has ended, and then what Python's
  /// tasks need to end. `stop` is called at a signal, and when Python code asks for the program's
  /// end. Returns the exit status that it has asked for. Throws what `program` throws.
  int run(awaitable<void> program, const std::function<void()>& stop);

  /// `leave_port` is called once in each process that Python code forks off from this one, while
  /// this lives.
  void at_fork(const std::function<void()>& leave_port);

  /// Whether the program has ended, or cannot go on: from now on the io_context runs no handler,
  /// and only Python's tasks still end.
  bool has_ended() const { return finished_ || failure_ || io_.stopped(); }

  /// To be called in each handler of the io_context before it uses Python, and after each co_await:
  /// takes Python's lock, if that has been given away to wait.
  void take_gil();

  /// A function of bridge.py, or a class.
  pybind11::object bridge(const char* name) const { return bridge_.attr(name); }

  /// The loop itself.
  const pybind11::object& loop() const { return loop_; }

 private:
  bool select(const pybind11::object& timeout);
  void watch();
  void run_handlers(std::optional<double> seconds);
  void run_until_finished(const std::function<void()>& stop);
  void note_exit(const pybind11::error_already_set& error);

  asio::io_context& io_;
  pybind11::object bridge_;
  pybind11::object selector_;
  pybind11::object loop_;
  asio::posix::stream_descriptor selected_;  // asyncio's own selector: it can be waited for, too
  bool watching_ = false;  // a wait for it is under way
  bool readable_ = false;  // it has events
  bool finished_ = false;  // the program has ended
  bool stopping_ = false;  // it was asked to
  int exit_status_ = 0;
  std::exception_ptr failure_;  // of a handler or of the program: it must not cross Python's frames
  PyThreadState* released_ = nullptr;  // while other threads may use Python
};

}  // namespace python
