#pragma once

#include <sys/types.h>

/// Ends this process group once our own process has ended, in whatever way it did: also when it was
/// killed. Told to a process that does nothing else.
void guard(pid_t group);

/// The group has ended: it is not guarded any more.
void release(pid_t group);
