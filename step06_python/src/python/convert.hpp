#pragma once

#include <pybind11/pytypes.h>

#include <exception>

#include "asgi/asgi.hpp"

/// From C++ to Python and back, for each scope and event of ASGI. Nothing here waits or knows a
/// connection. The caller has Python's lock; what Python raises is a pybind11::error_already_set.
namespace python {

/// The dict that an application is called with. `state` is the lifespan's own, and is copied for
/// all other scopes.
pybind11::dict to_python(const asgi::Scope& scope, const pybind11::dict& state);

/// The dict that receive() returns.
pybind11::dict to_python(const asgi::ReceiveEvent& event);

/// What send() was given. Raises TypeError for a value of the wrong type, KeyError for a key that
/// is missing, and ValueError for a type of event that there is not.
asgi::SendEvent to_event(pybind11::handle message);

}  // namespace python
