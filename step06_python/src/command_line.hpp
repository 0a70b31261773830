#pragma once

#include <stdexcept>
#include <string>

#include "options.hpp"

/// Reads the arguments of main(): `--name value` or `--name=value`, and MODULE:ATTRIBUTE. A value
/// that begins with `--` has to be given in the second way. Throws UsageError.
Options parse_options(int argc, const char* const* argv);

/// The options, a line each, with their defaults, for `--help`.
std::string help_text();

/// The command line is not understood; what() says why, in one line.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};
