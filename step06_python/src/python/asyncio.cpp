#include "python/asyncio.hpp"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <chrono>
#include <cstddef>
#include <utility>

#include "python/errors.hpp"

namespace py = pybind11;

namespace python {
namespace {

// The text of bridge.py, which CMake makes a string of.
constexpr const char* bridge_source =
#include "bridge.inc"
    ;

constexpr int most_handlers = 256;  // of Asio's in a row: then it is asyncio's turn

py::object import_bridge() {
  const py::module_ types = py::module_::import("types");
  const py::object module = types.attr("ModuleType")("bridge");
  const auto code = py::reinterpret_steal<py::object>(
      Py_CompileString(bridge_source, "bridge.py", Py_file_input));
  if (!code) throw py::error_already_set();
  py::module_::import("builtins").attr("exec")(code, module.attr("__dict__"));
  return module;
}

}  // namespace

Asyncio::Asyncio(asio::io_context& io) : io_(io), bridge_(import_bridge()), selected_(io) {
  const py::cpp_function wait([this](const py::object& timeout) { return select(timeout); });
  selector_ = bridge("Selector")(wait);
  loop_ = bridge("make_loop")(selector_);
  selected_.assign(selector_.attr("fileno")().cast<int>());
}

Asyncio::~Asyncio() {
  selected_.release();  // it is Python's to close
  loop_.attr("close")();
}

int Asyncio::run(awaitable<void> program, const std::function<void()>& stop) {
  const std::function<void()> ask_to_stop = [&] {
    stopping_ = true;
    stop();
  };
  bridge("catch_signals")(loop_, py::cpp_function(ask_to_stop));
  asio::co_spawn(io_, std::move(program), [this](std::exception_ptr failure) {
    failure_ = failure;
    finished_ = true;
    take_gil();
    loop_.attr("stop")();
  });
  while (!has_ended()) run_until_finished(ask_to_stop);
  selector_.attr("wait") = py::none();
  try {
    bridge("end_tasks")(loop_);
  } catch (const py::error_already_set& error) {
    note_exit(error);
  }
  if (failure_) std::rethrow_exception(failure_);
  return exit_status_;
}

void Asyncio::at_fork(const std::function<void()>& leave_port) {
  bridge("at_fork")(loop_, py::cpp_function(leave_port));
}

// SystemExit and KeyboardInterrupt come out of the loop, whoever raises them: the server then stops
// as at a signal, which takes the loop once more. sys.exit() asks for an end in order: it is no
// second signal to a server that is ending.
void Asyncio::run_until_finished(const std::function<void()>& stop) {
  try {
    loop_.attr("run_forever")();
  } catch (const py::error_already_set& error) {
    note_exit(error);
    if (!stopping_ || error.matches(PyExc_KeyboardInterrupt)) stop();
  }
}

void Asyncio::note_exit(const py::error_already_set& error) {
  exit_status_ = bridge("exit_status")(value_of(error)).cast<int>();
}

void Asyncio::take_gil() {
  if (released_) PyEval_RestoreThread(std::exchange(released_, nullptr));
}

// What asyncio's loop calls once a turn, to wait: `timeout` is None, or seconds. True: asyncio's
// own selector has events.
bool Asyncio::select(const py::object& timeout) {
  std::optional<double> seconds;
  if (!timeout.is_none()) seconds = timeout.cast<double>();
  try {
    watch();
    if (!seconds || *seconds > 0) released_ = PyEval_SaveThread();
    run_handlers(seconds);
  } catch (...) {
    failure_ = std::current_exception();
  }
  take_gil();
  if (failure_ || io_.stopped()) loop_.attr("stop")();
  return std::exchange(readable_, false);
}

// An epoll (or kqueue) descriptor can itself be waited for: it is readable when it has events.
void Asyncio::watch() {
  if (std::exchange(watching_, true)) return;
  selected_.async_wait(asio::posix::stream_descriptor::wait_read, [this](asio::error_code error) {
    watching_ = false;
    readable_ = !error;
  });
}

void Asyncio::run_handlers(std::optional<double> seconds) {
  std::size_t count = 0;
  if (!seconds) {
    count = io_.run_one();
  } else if (*seconds > 0) {
    const std::chrono::duration<double> limit(std::min(*seconds, 86400.0));
    count = io_.run_one_for(std::chrono::ceil<std::chrono::microseconds>(limit));
  } else {
    count = io_.poll_one();
  }
  for (int i = 1; count != 0 && i < most_handlers; ++i) count = io_.poll_one();
}

}  // namespace python
