#pragma once

#include <pybind11/pytypes.h>

#include <memory>

#include "python/asyncio.hpp"
#include "python/call.hpp"

namespace python {

/// The object that bridge.py knows a call by: it has its methods receive(), take(),
/// leave(), send() and finish().
pybind11::object make_channel(const Asyncio& asyncio, std::shared_ptr<Call> call);

}  // namespace python
