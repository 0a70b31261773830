#pragma once

#include <any>
#include <asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// ASGI, the interface between a server and an application, with the names of the specification:
/// version 3.0, HTTP message format 2.5, lifespan 2.0. What is a key of a dict there is a member
/// here. So a key that is missing or has a value of the wrong type cannot be written, and what
/// remains to be checked at run time is the order of events and the content of fields.
namespace asgi {

using asio::awaitable;

inline constexpr std::string_view version = "3.0";  ///< scope["asgi"]["version"]
inline constexpr std::string_view spec_version = "2.5";  ///< of http (and websocket) scopes
inline constexpr std::string_view lifespan_version = "2.0";  ///< of lifespan scopes

/// Of an event; duplicates and order are kept.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// A host and a port.
struct Address {
  std::string host;
  std::uint16_t port = 0;
};

/// What an application keeps from its startup on, by name.
using State = std::map<std::string, std::any, std::less<>>;

/// A name, in lower case, and a value.
using HeaderView = std::pair<std::string_view, std::string_view>;

/// What all scopes of a connection have. It is a view: what it shows lives until the application
/// returns. What an application keeps longer, it copies.
struct ConnectionScope {
  std::string_view http_version;  ///< "1.0" or "1.1"
  std::string_view scheme;  ///< "http" or "ws"
  std::string_view path;  ///< root_path and the target's path, decoded, in UTF-8
  std::string_view raw_path;  ///< the same as it was sent, without the query
  std::string_view query_string;  ///< as it was sent, without "?"
  std::string_view root_path;  ///< where the application is mounted
  std::span<const HeaderView> headers;  ///< of the request; duplicates and order are kept
  const Address* client;  ///< the other end of the connection; null when that has gone already
  const Address* server;  ///< our end of it; null in the same case
  const State& state;  ///< what the lifespan has left, the same for all
  std::span<const std::string_view> extensions;  ///< the names of those that the server has

  /// The value of the first header of that name, which is in lower case.
  std::optional<std::string_view> header(std::string_view name) const;
};

/// scope["type"] == "http": one request.
struct HttpScope : ConnectionScope {
  std::string_view method;  ///< as it was sent: methods are case-sensitive (RFC 9110 section 9.1)
};

/// scope["type"] == "lifespan": the life of the server.
struct LifespanScope {
  State& state;  ///< what is put here at startup, each later scope shows
};

/// scope["type"] == "websocket": one WebSocket, from its handshake to its end.
struct WebSocketScope : ConnectionScope {
  std::vector<std::string> subprotocols;  ///< that the client offers, in its order of preference
};

using Scope = std::variant<HttpScope, LifespanScope, WebSocketScope>;

/// http.request: a piece of the body.
struct HttpRequest {
  explicit HttpRequest(std::string body_ = {}, bool more_body_ = false)
      : body(std::move(body_)), more_body(more_body_) {}
  std::string body;
  bool more_body;  ///< false: this piece is the last
};

/// http.disconnect: the response is complete, or the client has gone. A server that stops says
/// nothing: its requests have the time that is left, and then their client is gone.
struct HttpDisconnect {};

/// lifespan.startup: the server is about to accept connections.
struct LifespanStartup {};

/// lifespan.shutdown: all connections are closed, and the server is about to end.
struct LifespanShutdown {};

/// websocket.connect: the client asks for a WebSocket; it is to be accepted or closed.
struct WebSocketConnect {};

/// websocket.receive: a message. Exactly one of the two is there.
struct WebSocketReceive {
  std::optional<std::string> text;  ///< UTF-8
  std::optional<std::string> bytes;
};

/// websocket.disconnect: the WebSocket is closed; nothing more comes.
struct WebSocketDisconnect {
  std::uint16_t code = 1005;  ///< 1005: the client's Close had none; 1006: it went without one
  std::string reason;
};

/// What receive() gives to the application.
using ReceiveEvent = std::variant<HttpRequest, HttpDisconnect, LifespanStartup, LifespanShutdown,
                                  WebSocketConnect, WebSocketReceive, WebSocketDisconnect>;

/// http.response.start: the head of the response. The server frames the body by itself: it drops
/// transfer-encoding, and holds the application to a content-length that it gives.
struct HttpResponseStart {
  explicit HttpResponseStart(int status_) : status(status_) {}
  HttpResponseStart&& header(std::string name, std::string value) &&;
  HttpResponseStart&& with_trailers() &&;
  int status;  ///< 200 to 599
  Headers headers;
  bool trailers = false;  ///< http.response.trailers will follow the body
};

/// http.response.body: a piece of the body. It has been handed to the system when send() returns,
/// unless it is the last one.
struct HttpResponseBody {
  explicit HttpResponseBody(std::string body_ = {}, bool more_body_ = false)
      : body(std::move(body_)), more_body(more_body_) {}
  std::string body;
  bool more_body;  ///< false: this piece is the last
};

/// http.response.trailers (extension): fields after a body without `content-length`. They reach a
/// client of HTTP/1.1 that has sent `TE: trailers`; for others they are dropped.
struct HttpResponseTrailers {
  explicit HttpResponseTrailers(Headers headers_ = {}, bool more_trailers_ = false)
      : headers(std::move(headers_)), more_trailers(more_trailers_) {}
  Headers headers;
  bool more_trailers;  ///< false: no further event is to come
};

/// http.response.early_hint (extension): a 103 response before the head of the final one.
struct HttpResponseEarlyHint {
  explicit HttpResponseEarlyHint(std::vector<std::string> links_) : links(std::move(links_)) {}
  std::vector<std::string> links;  ///< values of Link fields
};

/// http.response.pathsend (extension): the body is the content of a file, and is complete.
/// All clients wait while a piece of it is read: a file on a slow disk is not for this.
struct HttpResponsePathsend {
  explicit HttpResponsePathsend(std::string path_) : path(std::move(path_)) {}
  std::string path;  ///< absolute
};

/// lifespan.startup.complete: connections may be accepted.
struct LifespanStartupComplete {};

/// lifespan.startup.failed: the server is to end.
struct LifespanStartupFailed {
  explicit LifespanStartupFailed(std::string message_ = {}) : message(std::move(message_)) {}
  std::string message;
};

/// lifespan.shutdown.complete: the server may end.
struct LifespanShutdownComplete {};

/// lifespan.shutdown.failed: the server may end, but something was left undone.
struct LifespanShutdownFailed {
  explicit LifespanShutdownFailed(std::string message_ = {}) : message(std::move(message_)) {}
  std::string message;
};

/// websocket.accept: the answer to websocket.connect that opens the WebSocket.
struct WebSocketAccept {
  explicit WebSocketAccept(std::string subprotocol_ = {}, Headers headers_ = {})
      : subprotocol(std::move(subprotocol_)), headers(std::move(headers_)) {}
  std::string subprotocol;  ///< one of those offered, or empty for none
  Headers headers;  ///< of the response that accepts
};

/// websocket.send: a message.
class WebSocketSend {
 public:
  static WebSocketSend of_text(std::string text) { return WebSocketSend(true, std::move(text)); }
  static WebSocketSend of_bytes(std::string bytes) {
    return WebSocketSend(false, std::move(bytes));
  }
  bool is_text;
  std::string payload;  ///< of a text: UTF-8

 private:
  WebSocketSend(bool is_text_, std::string payload_)
      : is_text(is_text_), payload(std::move(payload_)) {}
};

/// websocket.close: closes the WebSocket; before websocket.accept, denies it with a 403.
struct WebSocketClose {
  explicit WebSocketClose(std::uint16_t code_ = 1000, std::string reason_ = {})
      : code(code_), reason(std::move(reason_)) {}
  std::uint16_t code;
  std::string reason;  ///< at most 123 octets of UTF-8 reach the client
};

/// websocket.http.response.start (extension): denies the WebSocket with a response of one's own.
struct WebSocketHttpResponseStart {
  explicit WebSocketHttpResponseStart(HttpResponseStart start_) : start(std::move(start_)) {}
  HttpResponseStart start;
};

/// websocket.http.response.body (extension): its body.
struct WebSocketHttpResponseBody {
  explicit WebSocketHttpResponseBody(HttpResponseBody body_) : body(std::move(body_)) {}
  HttpResponseBody body;
};

/// What the application gives to send().
using SendEvent =
    std::variant<HttpResponseStart, HttpResponseBody, HttpResponseTrailers, HttpResponseEarlyHint,
                 HttpResponsePathsend, LifespanStartupComplete, LifespanStartupFailed,
                 LifespanShutdownComplete, LifespanShutdownFailed, WebSocketAccept, WebSocketSend,
                 WebSocketClose, WebSocketHttpResponseStart, WebSocketHttpResponseBody>;

/// The application has sent an event that is not valid, or not in its order; or it has called
/// receive() or send() when it may not.
struct EventError : std::logic_error {
  using std::logic_error::logic_error;
};

class Channel;
struct Slot;

/// Where a channel is found for as long as the application that it was made for has not returned.
struct Handle {
  /// Throws EventError when the application has returned.
  Channel& channel() const;
  Slot* slot;
  std::uint64_t generation;
};

/// receive(): waits for the next event. One coroutine at a time may wait. Cheap to copy; once the
/// application has returned, a call throws EventError, and so does one that waits then.
class Receive {
 public:
  explicit Receive(Handle handle) : handle_(handle) {}
  awaitable<ReceiveEvent> operator()() const;

  /// Its two halves, which stand in channel.hpp: for a middleware.
  std::optional<ReceiveEvent> poll() const;
  awaitable<void> wait() const;

 private:
  Handle handle_;
};

/// send(): takes an event in the call, and waits in what it returns while the client reads too
/// slowly; receive() may be waited for meanwhile. The call throws EventError for an event that is
/// not valid or not in its order, and a class derived from std::system_error when the client has
/// gone. Cheap to copy; once the application has returned, a call throws EventError, and so does
/// one that waits then.
class Send {
 public:
  explicit Send(Handle handle) : handle_(handle) {}
  awaitable<void> operator()(SendEvent event) const;

  /// Its two halves, for a middleware as well.
  bool take(SendEvent& event) const;
  awaitable<void> settle() const;

 private:
  Handle handle_;
};

/// An application: called once for each scope, which lives until it returns.
using App = std::function<awaitable<void>(const Scope& scope, Receive receive, Send send)>;

}  // namespace asgi
