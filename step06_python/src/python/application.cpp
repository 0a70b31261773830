#include "python/application.hpp"

#include <asio/this_coro.hpp>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "log.hpp"
#include "python/call.hpp"
#include "python/convert.hpp"
#include "python/errors.hpp"

namespace py = pybind11;

namespace python {
namespace {

struct Application {
  Asyncio& asyncio;
  py::object start;  // calls it
  py::dict state;  // of its lifespan
};

std::string text(const py::object& value) { return value.cast<std::string>(); }

py::object load(const Options& options, const Asyncio& asyncio) {
  try {
    return asyncio.bridge("load")(options.app, options.app_dir, options.factory);
  } catch (const py::error_already_set& error) {
    const py::object value = value_of(error);
    std::cerr << text(asyncio.bridge("show")(value));
    throw std::runtime_error("cannot load " + options.app + ": " +
                             text(asyncio.bridge("name")(value)));
  }
}

// Throws what says that the application has failed, if it has.
void report(const Application& application, const asgi::Scope& scope, Call& call) {
  const py::object error = call.take_error();
  if (error.is_none()) return;
  const Asyncio& asyncio = application.asyncio;
  if (asyncio.bridge("is_disconnect")(error).cast<bool>()) throw client_gone();
  const std::string name = text(asyncio.bridge("name")(error));
  if (call.was_disconnected()) {
    log_line("application ended after a disconnect: " + name);
    throw client_gone();
  }
  const bool is_lifespan = std::holds_alternative<asgi::LifespanScope>(scope);
  const bool unknown = is_lifespan && !call.has_received();  // it has no lifespan: that may be
  if (!unknown) std::cerr << text(asyncio.bridge("show")(error));
  const bool answered = std::holds_alternative<asgi::HttpScope>(scope) && call.take_end();
  if (!answered) throw std::runtime_error(name);
  log_line("application failed: " + name);  // the client has its answer, and knows nothing of it
}

awaitable<void> call_application(std::shared_ptr<const Application> application,
                                 const asgi::Scope& scope, asgi::Receive receive, asgi::Send send) {
  const auto executor = co_await asio::this_coro::executor;
  const auto call = std::make_shared<Call>(application->asyncio, executor, receive, send);
  application->asyncio.take_gil();
  call->start(application->start, to_python(scope, application->state));
  co_await call->wait_until_ended();
  application->asyncio.take_gil();
  report(*application, scope, *call);
}

}  // namespace

asgi::App application(const Options& options, Asyncio& asyncio) {
  const py::object start = asyncio.bridge("make_start")(asyncio.loop(), load(options, asyncio));
  const auto made = std::make_shared<const Application>(Application{asyncio, start, py::dict()});
  return [made](const asgi::Scope& scope, asgi::Receive receive, asgi::Send send) {
    return call_application(made, scope, receive, send);
  };
}

}  // namespace python
