#pragma once

#include <vector>

/// Runs the checks that the settings and doctest's options select on the server, or names them, and
/// prints the report. `arguments`: the program's name, then doctest's options. Returns the exit
/// status of the program. Throws std::logic_error when two checks have one name.
int judge(const std::vector<const char*>& arguments);

/// The same from step to step, as long as the server passes. What holds for one step only is left
/// out, but for the echo, which is judged when the server does not speak HTTP.
int climb(const std::vector<const char*>& arguments);
