#pragma once

#include <functional>
#include <optional>

/// Forks `count` processes, the workers, which all serve the same address. As fork() does, this
/// returns in each of them, with nothing: a worker goes on to serve. In the process that called it,
/// the supervisor, it returns the exit status, when all workers have ended.
///
/// `prepare` is called first: from then on no signal is lost, whatever catches signals meanwhile.
/// `announce` is called in the supervisor when all are ready. A worker that dies is replaced, after
/// a pause if it was young. One that ends with exit status 2 could not start; nor could another,
/// so all end. SIGINT and SIGTERM are passed on to the workers, and each ends in its own way.
///
/// Call it before there is a thread or an io_context: a forked process would get half of them.
std::optional<int> run_workers(int count, const std::function<void()>& prepare,
                               const std::function<void()>& announce);

/// Said by a worker when clients can connect to it.
void worker_is_ready();
