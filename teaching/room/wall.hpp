#pragma once

#include <string>

#include "asgi/asgi.hpp"

/// The application of the wall, for who knows the token of the day:
///
/// - `GET /TOKEN` is the page, which shows who stands where;
/// - `POST /TOKEN` is a student's report (roll.hpp), answered by a sentence for the student;
/// - a WebSocket on `/TOKEN/live` gets all that there is to show (Roll::json), at once and after
///   each change.
asgi::App wall(std::string token);
