#include "asgi/websocket_cycle.hpp"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <cstdint>
#include <exception>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asgi/failure.hpp"
#include "asgi/response_writer.hpp"
#include "http/error.hpp"
#include "http/grammar.hpp"
#include "http/response.hpp"
#include "log.hpp"
#include "raised.hpp"
#include "utf8.hpp"
#include "websocket/deflate.hpp"
#include "websocket/handshake.hpp"
#include "websocket/websocket.hpp"

namespace asgi {
namespace {

std::optional<websocket::DeflateParameters> negotiate(const http::Request& request,
                                                      const Options& options) {
  if (!options.ws_per_message_deflate) return std::nullopt;
  for (const auto& [name, value] : request.fields) {
    if (!http::iequals(name, "sec-websocket-extensions")) continue;
    if (const auto parameters = websocket::negotiate_deflate(value)) return parameters;
  }
  return std::nullopt;
}

bool is_utf8(std::string_view text) {
  Utf8Validator utf8;
  return utf8.feed(text) && utf8.complete();
}

// What the server says itself in its answer to the handshake, or what a 101 does not have (RFC 9110
// section 8.6, RFC 9112 section 6.1).
bool is_the_servers(std::string_view name) {
  constexpr std::string_view names[] = {
      "upgrade",        "connection",       "sec-websocket-accept", "sec-websocket-extensions",
      "content-length", "transfer-encoding"};
  return std::any_of(std::begin(names), std::end(names),
                     [=](std::string_view own) { return http::iequals(name, own); });
}

// One WebSocket, from its handshake to its end, between a connection and an application.
class WebSocketCycle {
 public:
  // Throws http::Error when the handshake is refused already.
  WebSocketCycle(Connection& connection, const http::Request& request, const Options& options);

  awaitable<void> run(const App& app, const Scope& scope);

 private:
  awaitable<ReceiveEvent> receive();
  awaitable<void> receive_message(ReceiveEvent& event);
  awaitable<void> send(SendEvent event);
  bool answer_handshake(SendEvent event);
  awaitable<void> begin_reading();
  void accept(const WebSocketAccept& event);
  awaitable<void> send_message(const SendEvent& event);
  awaitable<void> close(std::uint16_t code);
  void write_denial(std::string_view piece, bool more_body);
  void finish_denial(bool failed);

  Connection& connection_;
  const Options& options_;
  const std::string accept_key_;
  const std::vector<std::string> subprotocols_;  // that the client offers
  const std::optional<websocket::DeflateParameters> deflate_;
  ResponseWriter denial_;
  bool told_connect_ = false;
  bool receiving_ = false;  // the application waits in receive()
  bool waiting_ = false;  // there, for the client to leave: it is not accepted yet
  bool gone_ = false;  // before that the client has left, or the server stops
  bool denied_ = false;  // the application has closed before it accepted
  bool denial_started_ = false;  // or has begun a response of its own
  std::optional<websocket::WebSocket> socket_;  // since it has accepted
};

WebSocketCycle::WebSocketCycle(Connection& connection, const http::Request& request,
                               const Options& options)
    : connection_(connection),
      options_(options),
      accept_key_(websocket::accept_key(websocket::check_handshake(request))),
      subprotocols_(websocket::subprotocols(request)),
      deflate_(negotiate(request, options)),
      denial_(connection.output(), request) {}

awaitable<void> WebSocketCycle::run(const App& app, const Scope& scope) {
  std::exception_ptr failure;
  try {
    Receive receive_events = [this] { return receive(); };
    Send send_events = [this](SendEvent event) { return send(std::move(event)); };
    co_await app(scope, std::move(receive_events), std::move(send_events));
    if (denial_started_ && !denial_.complete()) write_denial("", false);  // a head may be all
  } catch (...) {
    failure = std::current_exception();
  }
  const bool failed = log_failure(failure);
  if (!socket_) {
    finish_denial(failed);
    co_return;
  }
  if (socket_->is_open()) co_await close(failed ? 1011 : 1000);
  co_await socket_->wait_until_read();
}

// An application that has returned cannot be told any more that its client has gone.
awaitable<void> WebSocketCycle::close(std::uint16_t code) {
  try {
    websocket::CloseReason reason;
    reason.code = code;
    co_await socket_->close(std::move(reason));
  } catch (const Disconnected&) {
  } catch (const std::exception&) {  // read() still has to end before this does
    connection_.abort();
  }
}

awaitable<ReceiveEvent> WebSocketCycle::receive() {
  ReceiveEvent event = WebSocketConnect();
  if (!std::exchange(told_connect_, true)) co_return event;
  if (receiving_) throw EventError("receive() is called while another receive() waits");
  const Raised receiving(receiving_);
  if (!socket_ && !denied_ && !denial_.complete() && !gone_) {
    const Raised waiting(waiting_);
    co_await connection_.wait_for_end();
    gone_ = !socket_ && !denial_.complete();
  }
  if (socket_) {
    co_await receive_message(event);
  } else {
    event = WebSocketDisconnect{1006, ""};
  }
  co_return event;
}

awaitable<void> WebSocketCycle::receive_message(ReceiveEvent& event) {
  std::optional<websocket::Message> message = co_await socket_->receive();
  if (!message) {
    const websocket::CloseReason& reason = socket_->close_reason();
    event = WebSocketDisconnect{reason.code, reason.reason};
    co_return;
  }
  WebSocketReceive received;
  const bool is_text = message->opcode == websocket::Opcode::text;
  (is_text ? received.text : received.bytes) = std::move(message->payload);
  event = std::move(received);
}

awaitable<void> WebSocketCycle::send(SendEvent event) {
  if (socket_) {
    co_await send_message(event);
    co_return;
  }
  if (denied_) throw Disconnected(asio::error::make_error_code(asio::error::broken_pipe));
  const bool flush = answer_handshake(std::move(event));
  if (socket_) co_await begin_reading();
  if (flush) co_await connection_.flush();
}

// Only one coroutine reads: a receive() that waits already has to be out of the way of read().
awaitable<void> WebSocketCycle::begin_reading() {
  if (waiting_) connection_.interrupt();
  while (waiting_) co_await asio::post(connection_.executor(), asio::use_awaitable);
  asio::co_spawn(connection_.executor(), socket_->read(), [](std::exception_ptr) {});
}

// Whether the answer, or a part of it, is to be sent at once.
bool WebSocketCycle::answer_handshake(SendEvent event) {
  if (auto* const start = std::get_if<WebSocketHttpResponseStart>(&event)) {
    denial_.start(std::move(start->start));
    denial_started_ = true;
    return false;
  }
  if (const auto* const body = std::get_if<WebSocketHttpResponseBody>(&event)) {
    write_denial(body->body.body, body->body.more_body);
    return true;
  }
  if (denial_started_) throw EventError("the response that denies the WebSocket has begun");
  if (const auto* const accepted = std::get_if<WebSocketAccept>(&event)) {
    accept(*accepted);
    return true;
  }
  if (!std::holds_alternative<WebSocketClose>(event)) {
    throw EventError("websocket.accept or websocket.close comes first");
  }
  denied_ = true;
  return false;
}

// The server's opening handshake                                    (RFC 6455 section 4.2.2)
void WebSocketCycle::accept(const WebSocketAccept& event) {
  const bool offered = std::find(subprotocols_.begin(), subprotocols_.end(), event.subprotocol) !=
                       subprotocols_.end();
  if (!event.subprotocol.empty() && !offered) throw EventError("a subprotocol was not offered");
  for (const auto& [name, value] : event.headers) {
    check_header(name, value);
    if (http::iequals(name, "sec-websocket-protocol")) {
      throw EventError("the subprotocol is a member of websocket.accept");
    }
  }
  std::string& out = connection_.output();
  http::append_status_line(out, 101);
  http::append_field(out, "upgrade", "websocket");
  http::append_field(out, "connection", "upgrade");
  http::append_field(out, "sec-websocket-accept", accept_key_);
  if (offered) http::append_field(out, "sec-websocket-protocol", event.subprotocol);
  if (deflate_) {
    http::append_field(out, "sec-websocket-extensions", websocket::to_extension(*deflate_));
  }
  bool dated = false;
  for (const auto& [name, value] : event.headers) {
    if (is_the_servers(name)) continue;
    if (http::iequals(name, "date")) dated = true;
    http::append_field(out, name, value);
  }
  if (!dated) http::append_date(out);
  http::end_head(out);
  socket_.emplace(connection_, options_, deflate_);
}

awaitable<void> WebSocketCycle::send_message(const SendEvent& event) {
  if (const auto* const message = std::get_if<WebSocketSend>(&event)) {
    const bool valid = !message->is_text || is_utf8(message->payload);
    if (!valid) throw EventError("the text of websocket.send is not UTF-8");
    const auto opcode = message->is_text ? websocket::Opcode::text : websocket::Opcode::binary;
    co_await socket_->send(opcode, message->payload);
  } else if (const auto* const close_event = std::get_if<WebSocketClose>(&event)) {
    if (!websocket::is_valid_close_code(close_event->code)) throw EventError("no such close code");
    if (!is_utf8(close_event->reason)) throw EventError("the reason of a Close is not UTF-8");
    websocket::CloseReason reason;
    reason.code = close_event->code;
    reason.reason = close_event->reason;
    co_await socket_->close(std::move(reason));
  } else {
    throw EventError("an open WebSocket takes websocket.send and websocket.close");
  }
}

void WebSocketCycle::write_denial(std::string_view piece, bool more_body) {
  denial_.check_body(piece.size(), more_body);
  denial_.body(piece, more_body, false);
  if (!more_body) connection_.interrupt();  // a receive() that waits: there is nothing to come
}

// What the client gets instead of a WebSocket.
void WebSocketCycle::finish_denial(bool failed) {
  if (denial_.begun()) return;
  if (gone_) {
    if (connection_.stopping()) throw http::Error(503, "the server stops");
  } else if (denied_) {
    throw http::Error(403, "the application has not accepted the WebSocket");
  } else {
    if (!failed) log_line("application returned without an answer to websocket.connect");
    throw http::Error(500, "the application failed");
  }
}

}  // namespace

awaitable<void> run_websocket(const App& app, const ScopeFactory& scopes, Connection& connection,
                              const http::Request& request, const Options& options) {
  const Scope scope = scopes.websocket(request);
  WebSocketCycle cycle(connection, request, options);
  co_await cycle.run(app, scope);
}

}  // namespace asgi
