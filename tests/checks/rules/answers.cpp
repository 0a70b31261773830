// What every answer has: a length, a type, a date; what HEAD, 404, 405 and refusals are like.
#include <ctime>
#include <iomanip>
#include <sstream>

#include "check.hpp"

namespace {

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {2,
         "RFC 9110 section 8.6",
         "an answer says how long it is, so that its end can be told from a broken connection",
         "append_response() in session.cpp",
         {
             Row("says the length of the answer", request("GET", "/"), 200)
                 .with_body("Hello, World!")
                 .with_field("content-length: 13"),
         }},
        {2,
         "RFC 9110 section 8.3",
         "an answer says what type its content has",
         "append_response() in session.cpp",
         {
             Row("says the type of the answer", request("GET", "/"), 200)
                 .with_field("content-type: text/plain"),
         }},
        {2,
         "RFC 9110 section 9.3.2",
         "HEAD is answered like GET, with the same fields, but with no content",
         "append_response() in session.cpp",
         {
             Row("answers HEAD as GET without content", request("HEAD", "/"), 200)
                 .with_body("")
                 .with_field("content-length: 13"),
             Row("answers HEAD in HTTP/1.0", "HEAD / HTTP/1.0\r\n\r\n", 200).with_body(""),
         }},
        {2,
         "RFC 9110 section 9.3.2",
         "an answer to HEAD has no content, a refusal neither",
         "append_refusal() in http/response.cpp",
         {
             Row("refuses HEAD without content", "HEAD / HTTP/9.9\r\nHost: x\r\n\r\n", 505)
                 .with_body(""),
         }},
        {2,
         "RFC 9110 section 15.5.5",
         "404 says that there is nothing at the path, whatever the method",
         "respond() in session.cpp",
         {
             Row("answers 404 to GET", request("GET", "/nothing"), 404),
             Row("answers 404 to POST", request("POST", "/nothing"), 404),
             Row("answers 404 to an unknown method", request("BREW", "/nothing"), 404),
             Row("answers 404 to HEAD, without content", request("HEAD", "/nothing"), 404)
                 .with_body(""),
         }},
        {2,
         "RFC 9110 section 15.5.6",
         "405 says that the path is there, but not with this method, and lists those it has in "
         "Allow",
         "append_response() in session.cpp",
         {
             Row("answers 405 to POST on /", request("POST", "/"), 405)
                 .with_field("allow: GET, HEAD"),
             Row("answers 405 to DELETE on /", request("DELETE", "/"), 405)
                 .with_field("allow: GET, HEAD"),
             Row("answers 405 to OPTIONS on /", request("OPTIONS", "/"), 405)
                 .with_field("allow: GET, HEAD"),
             Row("answers 405 to an unknown method on /", request("BREW", "/"), 405)
                 .with_field("allow: GET, HEAD"),
             Row("takes any method on /reflect", request("BREW", "/reflect"), 200)
                 .with_body("BREW /reflect HTTP/1.1\nhost: x\n"),
         }},
        {2,
         "RFC 9112 section 9.6",
         "a request line with two spaces, another major version or CONNECT is refused; a refusal "
         "is "
         "the last answer on its connection, and says so",
         "append_refusal() in http/response.cpp",
         {
             Row("says close when it refuses a request", "GET  / HTTP/1.1\r\n\r\n", 400)
                 .with_field("connection: close"),
             Row("says close when it refuses a version", "GET / HTTP/3.0\r\n\r\n", 505)
                 .with_field("connection: close"),
             Row("says close when it refuses a method", "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n",
                 {501, 400})  // which one is judged elsewhere
                 .with_field("connection: close"),
         }},
    });

struct Refused {
  std::string request;
  std::string broken;  // the rule that it breaks
};

// The refusals that a server can be brought to with one request.
const std::vector<Refused>& refused_requests() {
  static const std::vector<Refused> requests = {
      {"GET  / HTTP/1.1\r\n\r\n", "between method, target and version there is exactly one space"},
      {"GET / HTTP/2.0\r\n\r\n", "a server of HTTP/1.1 cannot read another major version"},
      {"CONNECT x:1 HTTP/1.1\r\n\r\n", "CONNECT asks for a tunnel, which is a proxy's affair"},
      {"GET /" + std::string(20000, 'a'), "the line of a request has a limited length"},
      {get(repeated("A: b\r\n", 200)), "a request has a limited number of fields"}};
  return requests;
}

// The two are sent on connections of their own, which may end with the answer.
void expect_length_of_get(const std::string& target) {
  Client get(the_server());
  get.send(request("GET", target));
  const auto length = get.read_answer().find("content-length");
  Client head(the_server());
  head.note("GET " + target + " was answered with content-length: " + length.value_or("(none)"));
  head.send(request("HEAD", target));
  const Answer answer = head.read_answer("HEAD");
  if (answer.find("content-length") != length) {
    head.fail(answer.body_begin - 2, "the content-length of GET in this head");
  }
  expect_announced_end(head, answer);
}

// One line of text; the refusal is explained, and ends the connection.
void expect_explanation(const std::string& bytes) {
  Client client(the_server());
  client.send(bytes);
  const Answer answer = client.read_answer();
  if (answer.status < 400) {
    client.fail(answer.begin + std::string_view("HTTP/1.1 ").size(), "400 or above here");
  }
  const auto type = answer.find("content-type");
  if (!type || type->rfind("text/plain", 0) != 0) {
    client.fail(answer.body_begin - 2, "\"content-type: text/plain\" in this head");
  }
  const bool one_line = answer.body.size() > 1 && answer.body.find('\n') == answer.body.size() - 1;
  if (!one_line) client.fail(answer.body_begin, "one line of text here, ended by LF");
  client.expect_end();
}

// IMF-fixdate, as in: Sun, 06 Nov 1994 08:49:37 GMT
std::optional<std::time_t> parse_date(const std::string& text) {
  std::tm parts{};
  std::istringstream in(text);
  in.imbue(std::locale::classic());
  in >> std::get_time(&parts, "%a, %d %b %Y %H:%M:%S GMT");
  if (in.fail() || text.size() != 29 || text.substr(25) != " GMT") return std::nullopt;
  const int weekday = parts.tm_wday;
  const std::time_t time = ::timegm(&parts);
  return parts.tm_wday == weekday ? std::optional(time) : std::nullopt;
}

void expect_date(const std::string& bytes, int status) {
  Client client(the_server());
  client.send(bytes);
  const Answer answer = client.read_answer();
  expect_status(client, answer, {status});
  const auto date = answer.find("date");
  if (!date) client.fail(answer.body_begin - 2, "a field \"date\" in this head");
  const auto time = parse_date(*date);
  if (!time || std::abs(std::difftime(*time, std::time(nullptr))) > 5) {
    client.fail(answer.begin + client.received().substr(answer.begin).find(*date),
                "the time of now, as in \"Sun, 06 Nov 1994 08:49:37 GMT\"");
  }
}

}  // namespace

TEST_CASE(
    "says in one line why it refuses a request" * since(2) * section("RFC 9110 section 15.5") *
    rule("an error answer explains itself: here in one line of text that names the rule broken") *
    look_at("append_refusal() in http/response.cpp")) {
  for (const auto& [bytes, broken] : refused_requests()) {
    try {
      expect_explanation(bytes);
    } catch (Failure& failure) {
      if (!failure.rule.empty()) throw;
      failure.rule =
          "an error answer says in one line of text which rule was broken. Here: " + broken;
      failure.look_at = "append_refusal() in http/response.cpp";
      throw;
    }
  }
}

TEST_CASE("answers HEAD with the length that GET has" * since(2) *
          section("RFC 9110 section 9.3.2") *
          rule("HEAD is answered like GET, with the same fields, but with no content") *
          look_at("append_response() in session.cpp")) {
  expect_length_of_get("/");
  expect_length_of_get("/nothing");
}

TEST_CASE("dates each answer" * since(3) * section("RFC 9110 section 6.6.1") *
          rule("a server that has a clock says in Date when the answer was made") *
          look_at("append_response() in session.cpp")) {
  expect_date(request("GET", "/"), 200);
  expect_date(request("GET", "/nothing"), 404);
  expect_date(request("POST", "/"), 405);
}

TEST_CASE("dates each refusal" * since(3) * section("RFC 9110 section 6.6.1") *
          rule("answers that refuse a request have a Date like all others") *
          look_at("append_refusal() in http/response.cpp")) {
  expect_date("GET  / HTTP/1.1\r\n\r\n", 400);
  expect_date("GET / HTTP/2.0\r\n\r\n", 505);
  expect_date("GET / HTTP/1.1\r\n\r\n", 400);
}

TEST_CASE("says nothing of the connection when it keeps it" * since(3) *
          section("RFC 9112 section 9.3") *
          rule("with HTTP/1.1 a connection is kept unless close is said: nothing need be said") *
          look_at("append_connection() in http/response.cpp")) {
  Client client(the_server());
  client.send(get());
  const Answer answer = client.read_answer();
  if (answer.find("connection")) {
    client.fail(client.received().find("onnection") - 1, "no field \"connection\"");
  }
  expect_right_end(client, answer);
}
