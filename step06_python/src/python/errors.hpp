#pragma once

#include <pybind11/pytypes.h>

#include <exception>

#include "python/asyncio.hpp"

namespace python {

/// What Python code is told of a C++ exception: an exception that is one of Python's. A client that
/// has gone is a Disconnected, the system's errors are an OSError, and an event that is not in its
/// order is a RuntimeError.
pybind11::object to_python(const Asyncio& asyncio, const std::exception_ptr& failure);

/// The exception that was raised, with its traceback.
pybind11::object value_of(const pybind11::error_already_set& error);

}  // namespace python
