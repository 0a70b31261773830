#pragma once

#include <string>

/// Writes `text` as one line to standard error. Control characters and backslashes are escaped:
/// whoever chose parts of the text can neither begin a line of their own nor steer a terminal. A
/// very long text is cut.
void log_line(std::string text);
