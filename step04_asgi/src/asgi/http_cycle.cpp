#include "asgi/http_cycle.hpp"

#include <array>
#include <asio/error.hpp>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <system_error>
#include <utility>

#include "asgi/failure.hpp"
#include "http/body.hpp"
#include "log.hpp"
#include "raised.hpp"

namespace asgi {
namespace {

constexpr std::size_t flush_size = 64 * 1024;  // octets of output that are sent before more comes

}  // namespace

HttpCycle::HttpCycle(Connection& connection, const http::Request& request, const Options& options)
    : connection_(connection),
      body_(connection, request, options),
      response_(connection.output(), request),
      keep_alive_(http::keep_alive(request)) {}

awaitable<bool> HttpCycle::run(const App& app, const Scope& scope) {
  std::exception_ptr failure;
  try {
    Receive receive_events = [this] { return receive(); };
    Send send_events = [this](SendEvent event) { return send(std::move(event)); };
    co_await app(scope, std::move(receive_events), std::move(send_events));
  } catch (...) {
    failure = std::current_exception();
  }
  co_return finish(failure);
}

awaitable<ReceiveEvent> HttpCycle::receive() {
  ReceiveEvent event = HttpDisconnect();
  const bool over = response_.complete() || client_gone_;
  if (over) co_return event;
  if (receiving_) throw EventError("receive() is called while another receive() waits");
  const Raised receiving(receiving_);
  if (body_ended_) {
    // What comes from the client now is its end, or a request after this one.
    co_await connection_.wait_for_end();
    told_end_ = true;
  } else {
    co_await receive_piece(event);
  }
  co_return event;
}

// Makes `event` an http.request, unless there is no more body to be had.
awaitable<void> HttpCycle::receive_piece(ReceiveEvent& event) {
  try {
    const std::string_view piece = co_await body_.next();
    if (response_.complete()) co_return;  // by another coroutine of the application, meanwhile
    body_ended_ = body_.done();
    event = HttpRequest(std::string(piece), !body_ended_);
  } catch (const http::Error& error) {
    refusal_ = error;
    client_gone_ = true;
  } catch (const Disconnected&) {
    client_gone_ = true;
  }
}

awaitable<void> HttpCycle::send(SendEvent event) {
  if (client_gone_) throw Disconnected(asio::error::make_error_code(asio::error::broken_pipe));
  bool flush = connection_.output().size() > flush_size;
  if (auto* const start = std::get_if<HttpResponseStart>(&event)) {
    response_.start(std::move(*start));
  } else if (const auto* const body = std::get_if<HttpResponseBody>(&event)) {
    write(body->body, body->more_body);
    flush = flush || body->more_body;
  } else if (const auto* const file = std::get_if<HttpResponsePathsend>(&event)) {
    co_await send_file(file->path);
  } else if (const auto* const trailers = std::get_if<HttpResponseTrailers>(&event)) {
    response_.trailers(*trailers);
  } else if (const auto* const hint = std::get_if<HttpResponseEarlyHint>(&event)) {
    response_.early_hint(*hint);
    flush = true;
  } else {
    throw EventError("this event does not belong to an http scope");
  }
  // The last of a batch of pipelined requests takes the answers to all of them along.
  const bool last = response_.complete() && connection_.input().empty();
  if (flush || last) co_await connection_.flush();
  if (response_.complete()) connection_.interrupt();
}

void HttpCycle::write(std::string_view piece, bool more_body) {
  response_.check_body(piece.size(), more_body);
  const bool last = !more_body && !response_.trailers_due();
  response_.body(piece, more_body, response_.head_held() && may_keep_alive(last));
  body_.cancel_continue();  // the client knows the answer: it need not send the body for it
}

// A head that goes out before the body of the request was read says that the connection ends:
// nobody knows yet whether the rest of that body will be read (RFC 9112 section 9.3).
bool HttpCycle::may_keep_alive(bool last) {
  const bool read = last ? body_.skip_received() : body_.done();
  return read && keep_alive_ && !connection_.stopping();
}

awaitable<void> HttpCycle::send_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::system_error(errno, std::generic_category(), path);
  std::string piece;
  do {
    piece.resize(flush_size);
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (!file && !file.eof()) throw std::system_error(errno, std::generic_category(), path);
    piece.resize(static_cast<std::size_t>(file.gcount()));
    write(piece, !file.eof());
    co_await connection_.flush();
  } while (!file.eof());
}

bool HttpCycle::finish(const std::exception_ptr& failure) {
  log_failure(failure);
  if (refusal_ && !response_.begun()) throw *refusal_;
  if (!response_.begun()) {
    if (client_gone_) return false;
    if (!failure) log_line("application returned without a response");
    throw http::Error(500, "the application failed");
  }
  if (!response_.complete()) {
    const bool fault = !failure && !client_gone_ && !told_end_ && !connection_.broken();
    if (fault) log_line("application returned before its response was complete");
    // What is cut off must not look complete: where only the end would tell, we reset.
    if (response_.ends_with_connection()) connection_.abort();
    return false;
  }
  return !failure && !client_gone_ && response_.keep_alive() && body_.skip_received();
}

}  // namespace asgi
