#pragma once

#include <pybind11/pytypes.h>

#include <exception>

#include "connection.hpp"
#include "python/asyncio.hpp"

namespace python {

/// The exception of Python's for one of C++'s. One that came from Python is itself; a client that
/// has gone is a Disconnected, an error of the system is an OSError, all others are a RuntimeError.
pybind11::object to_python(const Asyncio& asyncio, const std::exception_ptr& failure);

/// To throw when a client has gone, or cannot be reached any more.
Disconnected client_gone();

/// The exception that was raised, with its traceback.
pybind11::object value_of(const pybind11::error_already_set& error);

}  // namespace python
