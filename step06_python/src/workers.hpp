#pragma once

#include <asio/ip/tcp.hpp>
#include <functional>
#include <optional>
#include <string>

#include "options.hpp"

/// Several processes that serve one address, and their supervisor.

/// With more than one of options.workers, or with options.reload, forks the workers by
/// run_workers(), and returns the exit status in the supervisor. Otherwise, and in each worker, it
/// returns nothing: this process is to serve.
///
/// `take_address` takes the address of the options that it is given, returns it and lets it go
/// again; from then on `options` has it, so that all workers take the same one.
std::optional<int> fork_workers(
    Options& options, const std::function<asio::ip::tcp::endpoint(const Options&)>& take_address,
    const std::function<void(const asio::ip::tcp::endpoint&)>& announce);

/// Lets other processes listen where the socket, which is not bound yet, will listen: the system
/// shares the clients out among them. Throws std::system_error.
void share_port(int socket);

/// Forks `count` processes, the workers, which all serve the same address. As fork() does, this
/// returns in each of them, with nothing: a worker goes on to serve. In the process that called it,
/// the supervisor, it returns the exit status, when all workers have ended.
///
/// Signals are held back before `prepare` is called: none is lost, whatever catches signals
/// meanwhile. `announce` is called in the supervisor when all are ready. A worker that dies is
/// replaced, after a pause if it was young. One that ends with exit status 2 before it is ready
/// could not start; if that happens before all have been ready, no other could, and all end. SIGINT
/// and SIGTERM are passed on to the workers, and each ends in its own way; one that has not ended
/// after three of them is killed by the next.
///
/// `changed`, if there is one, is called again and again, a second after it has returned. If it
/// names something, all workers are ended and started anew; and one that could not start waits for
/// the next change, and ends nothing.
///
/// Call it before there is a thread or an io_context: a forked process would get half of them.
std::optional<int> run_workers(int count, const std::function<void()>& prepare,
                               const std::function<void()>& announce,
                               const std::function<std::optional<std::string>()>& changed = {});

/// Tells the supervisor that clients can connect to this process. False: there is none.
bool report_ready();
