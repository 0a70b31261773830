#pragma once

#include <pybind11/pytypes.h>

#include <exception>

#include "connection.hpp"
#include "python/asyncio.hpp"

namespace python {

/// What Python code is told of a C++ exception: an exception that is one of Python's. A client that
/// has gone is a Disconnected, the system's errors are an OSError, and an event that is not in its
/// order is a RuntimeError.
pybind11::object to_python(const Asyncio& asyncio, const std::exception_ptr& failure);

/// To throw when a client has gone, or cannot be reached any more.
Disconnected client_gone();

/// The exception that was raised, with its traceback.
pybind11::object value_of(const pybind11::error_already_set& error);

}  // namespace python
