#pragma once

#include <exception>

namespace asgi {

/// Logs what an application has thrown, if anything. Returns whether it has failed: that its client
/// has gone (Disconnected) is not its fault, and is not logged.
bool log_failure(const std::exception_ptr& exception);

}  // namespace asgi
