#pragma once

#include <exception>

namespace asgi {

/// Logs what an application has thrown, if anything. Whether it has failed: that its client had
/// gone (Disconnected) is no fault of its, and not logged.
bool log_failure(const std::exception_ptr& exception);

}  // namespace asgi
