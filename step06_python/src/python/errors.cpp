#include "python/errors.hpp"

#include <asio/error.hpp>
#include <system_error>

#include "asgi/asgi.hpp"

namespace py = pybind11;

namespace python {

Disconnected client_gone() {
  return Disconnected(asio::error::make_error_code(asio::error::broken_pipe));
}

py::object value_of(const py::error_already_set& error) {
  if (error.trace()) PyException_SetTraceback(error.value().ptr(), error.trace().ptr());
  return error.value();
}

py::object to_python(const Asyncio& asyncio, const std::exception_ptr& failure) {
  const auto make = [](PyObject* type, const auto&... arguments) {
    return py::handle(type)(arguments...);
  };
  try {
    std::rethrow_exception(failure);
  } catch (const Disconnected&) {
    return asyncio.bridge("Disconnected")();
  } catch (const std::system_error& error) {
    return make(PyExc_OSError, error.code().value(), error.what());
  } catch (const py::error_already_set& error) {
    return value_of(error);
  } catch (const std::exception& error) {
    return make(PyExc_RuntimeError, error.what());
  }
}

}  // namespace python
