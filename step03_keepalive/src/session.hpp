#pragma once

#include "connection.hpp"
#include "options.hpp"

/// Serves one client from its first byte to its last. The server closes the connection afterwards.
/// `options` outlives this.
awaitable<void> serve(Connection& connection, const Options& options);
