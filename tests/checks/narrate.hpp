#pragma once

#include <string>

#include "story.hpp"

/// Prints what was sent and received, and marks where it went wrong.
void narrate(const Failure& failure);

/// A command line that sends what the check has sent, to the server at `address` ("host:port").
/// Empty when a command line cannot do it.
std::string try_it(const Story& story, const std::string& address);
