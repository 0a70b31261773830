#pragma once

#include "asgi/asgi.hpp"
#include "options.hpp"
#include "python/asyncio.hpp"

namespace python {

/// The application options.app, imported from options.app_dir, as one in C++. It must not be called
/// when `asyncio` is gone, but may live longer: its Python objects need only the Interpreter. Shows
/// Python's traceback and throws std::runtime_error when there is no such application.
asgi::App application(const Options& options, Asyncio& asyncio);

}  // namespace python
