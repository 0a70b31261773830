#include "session.hpp"

#include <string>

#include "http/error.hpp"
#include "http/grammar.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace {

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

void append_response(std::string& out, const http::Request& request, const Response& response) {
  http::append_status_line(out, response.status);
  http::append_field(out, "content-type", response.content_type);
  http::append_content_length(out, response.content.size());
  if (response.status == 405) http::append_field(out, "allow", "GET, HEAD");
  http::append_field(out, "connection", "close");
  http::end_head(out);
  if (request.method != "HEAD") out += response.content;
}

// What one client asks and is answered, from its first request to its last.
class Session {
 public:
  explicit Session(Connection& connection) : connection_(connection) {}

  awaitable<void> run();

 private:
  awaitable<bool> read_request();
  void answer();

  Connection& connection_;
  http::Request request_;
};

awaitable<void> Session::run() {
  try {
    const bool open = co_await read_request();
    if (open) answer();
  } catch (const http::Error& error) {
    http::append_refusal(connection_.output(), error, request_.method == "HEAD");
  }
}

// False: the client has gone, or has ended its sending side, without a whole request.
awaitable<bool> Session::read_request() {
  bool complete = http::parse_request(connection_.input(), request_);
  while (!complete) {
    const bool more = co_await connection_.fill();
    if (!more) co_return false;
    complete = http::parse_request(connection_.input(), request_);
  }
  connection_.consume(request_.head.size());
  co_return true;
}

void Session::answer() {
  const Response response = respond(request_);
  append_response(connection_.output(), request_, response);
}

}  // namespace

awaitable<void> serve(Connection& connection) {
  Session session(connection);
  co_await session.run();
}
