#pragma once

#include "connection.hpp"

/// Serves one client from its first byte to its last. The server closes the connection afterwards.
awaitable<void> serve(Connection& connection);
