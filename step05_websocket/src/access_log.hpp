#pragma once

#include "asgi/asgi.hpp"

/// `app`, with a line to standard error for each of its responses: client, request, status.
asgi::App access_log(asgi::App app);
