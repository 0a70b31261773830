#pragma once

#include "asgi/asgi.hpp"
#include "http/request.hpp"

/// Logs a response: `client "method target version" status`. A status of 0 says that the client got
/// none, and is shown as "-".
void access_log(const asgi::Scope& scope, int status);

/// Likewise, of a request that is refused before there is a scope: its target is shown as it was
/// sent. Where no complete request line has been read, "-" stands for it.
void access_log(const asgi::Address* client, const http::Request& request, int status);
