#pragma once

#include "asgi/asgi.hpp"

/// /ws/chat?name=NAME: what one says, all hear. Each message to a client is a text of parts between
/// tabs: `who TAB name TAB name ...` tells who is there, `chat TAB name TAB text` what one says.
/// Names are trimmed and distinct: a second Ada is `Ada (2)`.
asgi::awaitable<void> chat(const asgi::Scope& scope, asgi::Receive receive, asgi::Send send);
