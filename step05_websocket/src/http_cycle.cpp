#include "http_cycle.hpp"

#include <array>
#include <asio/error.hpp>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "http/body.hpp"
#include "log.hpp"

namespace asgi {
namespace {

constexpr std::size_t max_unsent = 64 * 1024;  // octets of output; beyond it an application waits
constexpr std::size_t file_piece = 64 * 1024;  // octets of a file that are read at a time

}  // namespace

HttpCycle::HttpCycle(Connection& connection, const http::Request& request, const Options& options)
    : connection_(connection),
      body_(connection, request, options),
      response_(connection.output(), request),
      keep_alive_(http::keep_alive(request)) {}

awaitable<Outcome> HttpCycle::run(const App& app, const Scope& scope) {
  bool returned = false;
  try {
    co_await app(scope, receive(), send());
    returned = true;
  } catch (const Disconnected&) {
    // That its client has gone is not the application's fault.
  } catch (...) {
    log_failure("application failed", std::current_exception());
  }
  end();
  if (occupied()) co_await release_suspended();
  const bool keep_alive = finish(returned);
  co_return Outcome{response_.status(), keep_alive};
}

// A coroutine that the application has left behind: one that waits for the client is woken, one
// that sends has the time that sending takes.
awaitable<void> HttpCycle::release_suspended() {
  file_.reset();
  connection_.interrupt();
  co_await wait_until_left();
}

std::optional<ReceiveEvent> HttpCycle::poll() {
  if (over()) return HttpDisconnect();
  if (body_ended_) return std::nullopt;
  try {
    const std::optional<std::string_view> piece = body_.poll();
    if (!piece) return std::nullopt;
    body_ended_ = body_.done();
    return HttpRequest(std::string(*piece), !body_ended_);
  } catch (const http::Error& error) {
    refuse(error);
    return HttpDisconnect();
  }
}

awaitable<void> HttpCycle::wait() {
  if (over()) co_return;
  try {
    if (!body_ended_) {
      co_await body_.receive_more();
      co_return;
    }
    // What comes from the client now is its end, or a request after this one.
    body_.skip_received();  // the last piece has been given out: it is no input any more
    co_await connection_.wait_for_end(false);
    end_known_ = !ended();
  } catch (const http::Error& error) {
    refuse(error);
  } catch (const Disconnected&) {
    // Or we have interrupted it ourselves.
    client_gone_ = !response_.complete() && !ended();
  }
}

// Whether there is nothing to come but http.disconnect.
bool HttpCycle::over() const {
  return response_.complete() || client_gone_ || (end_known_ && body_ended_);
}

void HttpCycle::refuse(const http::Error& error) {
  refusal_ = error;
  client_gone_ = true;
}

bool HttpCycle::take(SendEvent& event) {
  // A response without content writes nothing, after its head, that would fail.
  const bool silent = response_.begun() && !response_.has_content();
  if (silent && connection_.client_has_ended()) end_known_ = true;
  const bool gone = client_gone_ || (silent && end_known_);
  if (gone) throw Disconnected(asio::error::make_error_code(asio::error::broken_pipe));
  if (file_) throw EventError("the file of http.response.pathsend is being sent");
  bool flush = connection_.output().size() > max_unsent;
  if (auto* const start = std::get_if<HttpResponseStart>(&event)) {
    response_.start(std::move(*start));
  } else if (const auto* const body = std::get_if<HttpResponseBody>(&event)) {
    write(body->body, body->more_body);
    flush = flush || body->more_body;
  } else if (const auto* const file = std::get_if<HttpResponsePathsend>(&event)) {
    open_file(file->path);
    flush = true;
  } else if (const auto* const trailers = std::get_if<HttpResponseTrailers>(&event)) {
    response_.trailers(*trailers);
  } else if (const auto* const hint = std::get_if<HttpResponseEarlyHint>(&event)) {
    response_.early_hint(*hint);
    flush = true;
  } else {
    throw EventError("this event does not belong to an http scope");
  }
  if (!response_.complete()) return flush;
  connection_.interrupt();
  // The answer to the last request of a pipelined batch is sent with all those before it.
  return !connection_.flush_soon(!connection_.input().empty());
}

awaitable<void> HttpCycle::settle() { return file_ ? send_file() : connection_.flush(); }

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

// Its first piece tells whether it can be read at all.
void HttpCycle::open_file(const std::string& path) {
  const bool cut = path.find('\0') != path.npos;  // the system would read it up to there
  if (cut) throw EventError("the path of http.response.pathsend has a NUL in it");
  auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
  if (!*file) throw std::system_error(errno, std::generic_category(), path);
  const bool more = write_piece_of(*file);
  if (more && !response_.has_content()) {
    write("", false);  // of the rest nothing would be sent: we need not read it
  } else if (more) {
    file_ = std::move(file);
  }
}

// False: it was the last.
bool HttpCycle::write_piece_of(std::ifstream& file) {
  std::string piece(file_piece, '\0');
  file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
  if (!file && !file.eof())
    throw std::system_error(errno, std::generic_category(), "http.response.pathsend");
  piece.resize(static_cast<std::size_t>(file.gcount()));
  write(piece, !file.eof());
  return !file.eof();
}

awaitable<void> HttpCycle::send_file() {
  co_await connection_.flush();
  while (file_) {
    const bool more = write_piece_of(*file_);
    if (!more) file_.reset();
    co_await connection_.flush();
  }
  if (response_.complete()) connection_.interrupt();  // who waits in receive() is told
}

bool HttpCycle::finish(bool returned) {
  if (refusal_ && !response_.begun()) throw *refusal_;
  if (!response_.begun()) {
    if (client_gone_ || (returned && end_known_)) return false;  // no fault: nobody waits for it
    if (returned) log_line("application returned without a response");
    throw http::Error(500, "the application failed");
  }
  // A response without content is whole, for its client, with its head.
  const bool whole = response_.complete() || (end_known_ && !response_.has_content());
  if (!whole) {
    const bool fault = returned && !client_gone_ && !end_known_ && !connection_.broken();
    if (fault) log_line("application returned before its response was complete");
    // A body cut short must not look complete: where the connection's end marks its end, reset.
    if (response_.ends_with_connection()) connection_.abort();
    return false;
  }
  const bool in_order = (returned || end_known_) && !client_gone_;
  return in_order && response_.keep_alive() && body_.skip_received();
}

}  // namespace asgi
