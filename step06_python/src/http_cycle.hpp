#pragma once

#include <exception>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "asgi/channel.hpp"
#include "asgi/response_writer.hpp"
#include "body_reader.hpp"
#include "connection.hpp"
#include "http/error.hpp"
#include "http/request.hpp"
#include "options.hpp"

/// One request and its response, between a connection and an application.
namespace asgi {

/// What has become of a request.
struct Outcome {
  int status;  ///< of the response; 0: there is none, for the client had gone or ended its side
  bool keep_alive;  ///< whether the connection can take another request
};

/// The channel of one request. The application pulls: its receive() reads the body from the
/// connection, its send() writes to it, and the session waits for it. So there is no queue and no
/// task, and back-pressure follows from the calls.
class HttpCycle : public Channel {
 public:
  /// `connection` stands at the first octet of the body of `request`; it and `options` outlive
  /// this. Throws http::Error when the body is refused already.
  HttpCycle(Connection& connection, const http::Request& request, const Options& options);

  /// Runs the application to its end. Throws http::Error when that is to be the answer: the body
  /// was refused while it was read, or the application failed before anything of its response was
  /// sent.
  awaitable<Outcome> run(const App& app, const Scope& scope);

 private:
  awaitable<void> release_suspended();
  std::optional<ReceiveEvent> poll() override;
  awaitable<void> wait() override;
  bool take(SendEvent& event) override;
  awaitable<void> settle() override;
  bool over() const;
  void refuse(const http::Error& error);
  void write(std::string_view piece, bool more_body);
  void open_file(const std::string& path);
  bool write_piece_of(std::ifstream& file);
  awaitable<void> send_file();
  bool may_keep_alive(bool last);
  bool finish(bool returned);

  Connection& connection_;
  http::BodyReader body_;
  ResponseWriter response_;
  bool keep_alive_;  // the client means to use the connection again
  bool body_ended_ = false;  // the application has been given all of the body
  bool client_gone_ = false;  // it left, or its body was refused: no response will do
  bool end_known_ = false;  // the client has ended: behind its body that is all there is to tell
  std::optional<http::Error> refusal_;  // why the body was refused
  std::unique_ptr<std::ifstream> file_;  // that is being sent: no other event may come
};

}  // namespace asgi
