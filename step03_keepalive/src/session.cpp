#include "session.hpp"

#include <cstddef>
#include <string>
#include <string_view>

#include "body_reader.hpp"
#include "http/body.hpp"
#include "http/error.hpp"
#include "http/grammar.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace {

constexpr std::size_t max_batch = 64 * 1024;  // octets of answers that leave together

struct Response {
  int status = 200;
  std::string content_type = "text/plain";
  std::string content;
};

// The request as it was understood, a line for each of its parts.
std::string reflect(const http::Request& request) {
  std::string text = request.method + ' ';
  text += request.path;
  if (!request.query.empty()) (text += '?') += request.query;
  text += request.minor_version == 0 ? " HTTP/1.0\n" : " HTTP/1.1\n";
  for (const http::Field& field : request.fields) {
    for (const char c : field.name) text += http::to_lower(c);
    text += ": ";
    text += field.value;
    text += '\n';
  }
  return text;
}

// What this server has at which path.
Response respond(const http::Request& request) {
  Response response;
  if (request.path == "/reflect") {
    response.content = reflect(request);
  } else if (request.path == "/echo") {
    response.content_type = request.find("content-type").value_or("application/octet-stream");
  } else if (request.path != "/") {
    response.status = 404;
    response.content = "there is nothing at this path\n";
  } else if (request.method != "GET" && request.method != "HEAD") {
    response.status = 405;
    response.content = "this path has GET and HEAD only\n";
  } else {
    response.content = "Hello, World!";
  }
  return response;
}

void append_response(std::string& out, const http::Request& request, const Response& response,
                     bool keep_alive) {
  http::append_status_line(out, response.status);
  http::append_field(out, "content-type", response.content_type);
  http::append_content_length(out, response.content.size());
  if (response.status == 405) http::append_field(out, "allow", "GET, HEAD");
  http::append_date(out);
  http::append_connection(out, keep_alive, request.minor_version);
  http::end_head(out);
  if (request.method != "HEAD") out += response.content;
}

// What one client asks and is answered, from its first request to its last.
class Session {
 public:
  Session(Connection& connection, const Options& options)
      : connection_(connection), options_(options) {}

  awaitable<void> run();

 private:
  bool take_request();
  awaitable<bool> read_request();
  awaitable<bool> answer();

  Connection& connection_;
  const Options& options_;
  http::Request request_;
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
      open = co_await answer();
      if (connection_.output().size() > max_batch) co_await connection_.flush();
    }
  } catch (const http::Error& error) {
    http::append_refusal(connection_.output(), error, request_.method == "HEAD");
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
  http::BodyReader body(connection_, request_, options_);
  bool keep_alive = http::keep_alive(request_);
  Response response = respond(request_);
  if (request_.path == "/echo") {  // the views that request_ holds end with the first next()
    std::string_view piece = co_await body.next();
    while (!piece.empty()) {
      response.content += piece;
      piece = co_await body.next();
    }
  }
  keep_alive = keep_alive && body.skip_received() && !connection_.stopping();
  append_response(connection_.output(), request_, response, keep_alive);
  co_return keep_alive;
}

}  // namespace

awaitable<void> serve(Connection& connection, const Options& options) {
  Session session(connection, options);
  co_await session.run();
}
