#include "session.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "access_log.hpp"
#include "asgi/scope.hpp"
#include "http/error.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http_cycle.hpp"
#include "websocket/handshake.hpp"
#include "websocket_cycle.hpp"

namespace {

constexpr std::size_t max_batch = 64 * 1024;  // octets of answers that leave together

// What one client asks and is answered, from its first request to its last.
class Session {
 public:
  Session(Connection& connection, const Options& options, const asgi::App& app,
          const asgi::State& state, ChangeScope change_scope)
      : connection_(connection),
        options_(options),
        app_(app),
        scopes_(connection, options, state),
        change_scope_(std::move(change_scope)) {}

  awaitable<void> run();

 private:
  bool take_request();
  awaitable<bool> read_request();
  awaitable<bool> answer();
  awaitable<void> answer_handshake();
  void log_answer(int status) const;

  Connection& connection_;
  const Options& options_;
  const asgi::App& app_;
  asgi::ScopeFactory scopes_;
  const ChangeScope change_scope_;  // if there is any
  http::Request request_;
  std::optional<asgi::Scope> scope_;  // of the request that is being answered
};

awaitable<void> Session::run() {
  try {
    if (connection_.refused()) throw http::Error(503, "the server has too many connections");
    bool open = true;
    while (open) {
      connection_.idle_for(options_.timeout_keep_alive);
      bool complete = take_request();
      if (!complete) complete = co_await read_request();
      if (!complete) co_return;
      if (websocket::is_handshake(request_)) {
        co_await answer_handshake();
        co_return;
      }
      open = co_await answer();
      if (connection_.output().size() > max_batch) co_await connection_.flush();
    }
  } catch (const http::Error& error) {
    http::append_refusal(connection_.output(), error, request_.method == "HEAD");
    log_answer(error.status());
  }
}

// Whether the whole head of a request has come. The next one of several that came together is taken
// without a coroutine.
bool Session::take_request() {
  const bool complete = http::parse_request(connection_.input(), request_);
  if (complete) connection_.consume(request_.head.size());
  return complete;
}

// False: the client has gone, or has ended its sending side, without a whole request.
awaitable<bool> Session::read_request() {
  connection_.shrink();
  scopes_.shrink();
  while (true) {
    const bool begun = http::has_begun(connection_.input());
    if (begun && connection_.idle()) connection_.expect_within(options_.timeout_request_head);
    const bool more = co_await connection_.fill();
    if (take_request()) co_return true;  // also when no more comes
    if (begun && connection_.timed_out()) throw http::Error(408, "the head did not come in time");
    if (!more) co_return false;
  }
}

// False: the connection ends with this answer.
awaitable<bool> Session::answer() {
  scopes_.http(request_, scope_);
  if (change_scope_) change_scope_(*scope_);
  asgi::HttpCycle cycle(connection_, request_, options_);
  const asgi::Outcome outcome = co_await cycle.run(app_, *scope_);
  log_answer(outcome.status);
  scope_.reset();
  co_return outcome.keep_alive;
}

awaitable<void> Session::answer_handshake() {
  scopes_.websocket(request_, scope_);
  if (change_scope_) change_scope_(*scope_);
  const int status = co_await asgi::run_websocket(app_, *scope_, connection_, request_, options_);
  log_answer(status);
}

void Session::log_answer(int status) const {
  if (!options_.access_log) return;
  if (scope_) {
    access_log(*scope_, status);
  } else {
    access_log(scopes_.client(), request_, status);  // it was refused before it had a scope
  }
}

}  // namespace

awaitable<void> serve(Connection& connection, const Options& options, const asgi::App& app,
                      const asgi::State& state, ChangeScope change_scope) {
  Session session(connection, options, app, state, std::move(change_scope));
  co_await session.run();
}
