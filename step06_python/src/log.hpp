#pragma once

#include <exception>
#include <string>
#include <string_view>

/// Writes `text` as one line to standard error. Control characters and backslashes are escaped:
/// whoever chose parts of the text can neither begin a line of their own nor steer a terminal. A
/// very long text is cut.
void log_line(std::string text);

/// What an exception says of itself, of whatever type it is. `exception` is not null.
std::string describe(const std::exception_ptr& exception);

/// Logs `what`, a colon, and the description of the exception that was the end of it. Throws
/// nothing, as it is called where nobody is left to catch it.
void log_failure(std::string_view what, const std::exception_ptr& exception) noexcept;
