#include "websocket_cycle.hpp"

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asgi/channel.hpp"
#include "asgi/response_writer.hpp"
#include "condition.hpp"
#include "http/error.hpp"
#include "http/grammar.hpp"
#include "http/response.hpp"
#include "log.hpp"
#include "utf8.hpp"
#include "web_socket.hpp"
#include "websocket/deflate.hpp"
#include "websocket/handshake.hpp"

namespace asgi {
namespace {

bool is_utf8(std::string_view text) {
  Utf8Validator utf8;
  return utf8.feed(text) && utf8.complete();
}

// Keeps `waiting` true while it lives, and notifies `waited` at its end.
class Waiting {
 public:
  Waiting(bool& waiting, Condition& waited) : waiting_(waiting), waited_(waited) { waiting = true; }
  ~Waiting() {
    waiting_ = false;
    waited_.notify();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  bool& waiting_;
  Condition& waited_;
};

// One WebSocket, from its handshake to its end, between a connection and an application.
class WebSocketCycle : public Channel {
 public:
  // Throws http::Error when the handshake is refused already.
  WebSocketCycle(Connection& connection, const http::Request& request, const Options& options);

  awaitable<int> run(const App& app, const Scope& scope);

 private:
  std::optional<ReceiveEvent> poll() override;
  awaitable<void> wait() override;
  bool take(SendEvent& event) override;
  awaitable<void> settle() override;
  bool denied() const;
  std::optional<ReceiveEvent> poll_message();
  awaitable<void> wait_for_end();
  bool answer_handshake(SendEvent& event);
  void accept(const WebSocketAccept& event);
  void begin_reading();
  awaitable<void> read();
  void deny();
  bool send_message(const SendEvent& event);
  awaitable<void> close(std::uint16_t code);
  void write_denial(std::string_view piece, bool more_body);
  void complete_denial();
  void finish_denial(bool failed);
  int status() const;

  Connection& connection_;
  const Options& options_;
  const std::string accept_key_;
  const std::vector<std::string> subprotocols_;  // that the client offers
  const std::optional<websocket::DeflateParameters> deflate_;
  ResponseWriter denial_;
  bool connect_delivered_ = false;
  bool waiting_ = false;  // a receive() waits for the client to leave before it is accepted
  Condition waited_;  // notified when it does not any more
  bool gone_ = false;  // before that the client has left, or the server stops
  bool closed_ = false;  // the application has closed before it accepted
  bool denial_started_ = false;  // or has begun a response of its own
  std::optional<websocket::WebSocket> socket_;  // since it has accepted
};

WebSocketCycle::WebSocketCycle(Connection& connection, const http::Request& request,
                               const Options& options)
    : connection_(connection),
      options_(options),
      accept_key_(websocket::accept_key(websocket::check_handshake(request))),
      subprotocols_(websocket::subprotocols(request)),
      deflate_(options.ws_per_message_deflate ? websocket::negotiate_deflate(request)
                                              : std::nullopt),
      denial_(connection.output(), request),
      waited_(connection.executor()) {}

awaitable<int> WebSocketCycle::run(const App& app, const Scope& scope) {
  bool failed = false;
  try {
    co_await app(scope, receive(), send());
    complete_denial();
  } catch (const Disconnected&) {
    // That its client has gone is not the application's fault.
  } catch (...) {
    log_failure("application failed", std::current_exception());
    failed = true;
  }
  end();
  if (socket_) {
    if (socket_->is_open()) co_await close(failed ? 1011 : 1000);
    co_await socket_->wait_until_read();
  } else {
    connection_.interrupt();
  }
  // The application may have left a coroutine behind, which has been woken by now.
  if (occupied()) co_await wait_until_left();
  if (!socket_) finish_denial(failed);
  co_return status();
}

// The application has returned: nobody is left to be told that the client has gone.
awaitable<void> WebSocketCycle::close(std::uint16_t code) {
  try {
    websocket::CloseReason reason;
    reason.code = code;
    socket_->close(std::move(reason));
    co_await connection_.flush();
  } catch (const Disconnected&) {
  } catch (const std::exception&) {  // read() still has to end before this does
    connection_.abort();
  }
}

std::optional<ReceiveEvent> WebSocketCycle::poll() {
  if (!std::exchange(connect_delivered_, true)) return WebSocketConnect();
  if (socket_) return poll_message();
  if (denied() || gone_) return WebSocketDisconnect{websocket::CloseCode::no_close, ""};
  return std::nullopt;
}

std::optional<ReceiveEvent> WebSocketCycle::poll_message() {
  std::optional<websocket::Message> message = socket_->poll();
  if (message) {
    WebSocketReceive received;
    const bool is_text = message->opcode == websocket::Opcode::text;
    (is_text ? received.text : received.bytes) = std::move(message->payload);
    return ReceiveEvent(std::move(received));
  }
  if (socket_->is_open()) return std::nullopt;
  const websocket::CloseReason& reason = socket_->close_reason();
  return WebSocketDisconnect{reason.code, reason.reason};
}

// Whether the application has said that there will be no WebSocket.
bool WebSocketCycle::denied() const { return closed_ || denial_.complete(); }

awaitable<void> WebSocketCycle::wait() { return socket_ ? socket_->wait() : wait_for_end(); }

// Before the WebSocket is accepted only its client's end can come.
awaitable<void> WebSocketCycle::wait_for_end() {
  const Waiting waiting(waiting_, waited_);
  co_await connection_.wait_for_end(true);
  gone_ = !socket_ && !denied() && !ended();
}

bool WebSocketCycle::take(SendEvent& event) {
  // A denial without content writes nothing, after its head, that would fail.
  const bool silent = denial_.begun() && !denial_.complete() && !denial_.has_content();
  const bool gone = closed_ || (silent && connection_.client_has_ended());
  if (gone) throw Disconnected(asio::error::make_error_code(asio::error::broken_pipe));
  if (!socket_) return answer_handshake(event);
  return send_message(event);
}

awaitable<void> WebSocketCycle::settle() { return connection_.flush(); }

void WebSocketCycle::begin_reading() {
  if (waiting_) connection_.interrupt();
  asio::co_spawn(connection_.executor(), read(), [](std::exception_ptr) {});
}

// Only one coroutine reads: a receive() that waits already has to be out of the way first.
awaitable<void> WebSocketCycle::read() {
  while (waiting_) co_await waited_.wait();
  co_await socket_->read();
}

// Whether the answer, or a part of it, is to be sent at once.
bool WebSocketCycle::answer_handshake(SendEvent& event) {
  if (auto* const start = std::get_if<WebSocketHttpResponseStart>(&event)) {
    start->start.trailers = false;  // there is no event for them
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
  deny();
  return true;
}

// websocket.close before websocket.accept. Nothing more comes, also for a receive() that waits.
void WebSocketCycle::deny() {
  const http::Error refusal(403, "the application has not accepted the WebSocket");
  http::append_refusal(connection_.output(), refusal, false);
  closed_ = true;
  connection_.interrupt();
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
  const std::string extension = deflate_ ? websocket::to_extension(*deflate_) : "";
  socket_.emplace(connection_, options_, deflate_);  // first: there may be no memory for it
  websocket::append_acceptance(connection_.output(), {accept_key_, event.subprotocol, extension},
                               event.headers);
  begin_reading();
}

// Whether flush() has something to wait for.
bool WebSocketCycle::send_message(const SendEvent& event) {
  if (const auto* const message = std::get_if<WebSocketSend>(&event)) {
    const bool valid = !message->is_text || is_utf8(message->payload);
    if (!valid) throw EventError("the text of websocket.send is not UTF-8");
    const auto opcode = message->is_text ? websocket::Opcode::text : websocket::Opcode::binary;
    return !socket_->send(opcode, message->payload);
  }
  const auto* const close_event = std::get_if<WebSocketClose>(&event);
  if (!close_event) throw EventError("an open WebSocket takes websocket.send and websocket.close");
  if (!websocket::is_valid_close_code(close_event->code)) throw EventError("no such close code");
  if (!is_utf8(close_event->reason)) throw EventError("the reason of a Close is not UTF-8");
  websocket::CloseReason reason;
  reason.code = close_event->code;
  reason.reason = close_event->reason;
  socket_->close(std::move(reason));
  return true;
}

void WebSocketCycle::write_denial(std::string_view piece, bool more_body) {
  denial_.check_body(piece.size(), more_body);
  denial_.body(piece, more_body, false);
  if (!more_body) connection_.interrupt();  // a receive() that waits: there is nothing to come
}

// The application has returned. A head may be all of its response.
void WebSocketCycle::complete_denial() {
  if (!denial_started_ || denial_.complete()) return;
  if (!denial_.begun()) {
    write_denial("", false);
  } else if (!gone_ && !connection_.client_has_ended()) {
    log_line("application returned before its response was complete");
  }
}

// What the client gets instead of a WebSocket.
void WebSocketCycle::finish_denial(bool failed) {
  if (denial_.begun() || closed_) return;
  if (gone_) {
    if (connection_.stopping()) throw http::Error(503, "the server stops");
  } else {
    if (!failed) log_line("application returned without an answer to websocket.connect");
    throw http::Error(500, "the application failed");
  }
}

// That of the answer to the handshake; 0: there is none, for the client has gone.
int WebSocketCycle::status() const {
  if (socket_) return 101;
  return closed_ ? 403 : denial_.status();
}

}  // namespace

awaitable<int> run_websocket(const App& app, const Scope& scope, Connection& connection,
                             const http::Request& request, const Options& options) {
  WebSocketCycle cycle(connection, request, options);
  const int status = co_await cycle.run(app, scope);
  co_return status;
}

}  // namespace asgi
