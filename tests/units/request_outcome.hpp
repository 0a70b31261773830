#pragma once

#include <string_view>

#include "outcome.hpp"

/// What parse_request() makes of `input`: everything that it understood, a part in each line.
/// Checks as well that the views of the result lie in the input.
Outcome read_request(std::string_view input);
