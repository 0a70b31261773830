#pragma once

#include "asgi/asgi.hpp"

/// `app`, each response of which carries the X-Request-Id of its request, if that has one: whoever
/// reads the logs of several programs finds by it what belongs together.
asgi::App request_id(asgi::App app);
