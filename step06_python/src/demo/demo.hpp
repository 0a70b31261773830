#pragma once

#include "asgi/asgi.hpp"

/// The application that this program serves: a small one for each path, chosen by the scope.
asgi::App demo();
