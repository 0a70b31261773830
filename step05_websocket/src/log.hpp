#pragma once

#include <string_view>

/// Writes `text` as one line to standard error. Control characters are escaped: whoever chose parts
/// of the text can neither begin a line of their own nor steer a terminal.
void log_line(std::string_view text);
