// Bodies of requests, which an application asks for, or does not.
#include <algorithm>

#include "check.hpp"

using namespace std::chrono_literals;

namespace {

const std::string expecting = "Expect: 100-continue\r\nContent-Length: 5\r\n";

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {4,
         "ASGI: Request - receive event",
         "receive() gives the body piece by piece until more_body is false: all of it, and nothing "
         "more",
         "HttpCycle::poll() in http_cycle.cpp",
         {
             Row("counts a body of a given length",
                 request("POST", "/upload", "Content-Length: 5\r\n", "hello"), 200)
                 .with_body("5 octets\n")
                 .then_kept(),
             Row("counts a body of chunks",
                 request("POST", "/upload", "Transfer-Encoding: chunked\r\n",
                         "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
                 200)
                 .with_body("5 octets\n")
                 .then_kept(),
             Row("counts a body that is not there", request("POST", "/upload"), 200)
                 .with_body("0 octets\n")
                 .then_kept(),
             Row("refuses wrong chunks under way to an application",
                 request("POST", "/upload", "Transfer-Encoding: chunked\r\n",
                         "2\r\nhe\r\nx\r\nllo\r\n0\r\n\r\n"),
                 400),
         }},
        {4,
         "RFC 9110 section 7.5",
         "a server may answer before it has read the request's body; what comes of that body then "
         "must not be taken for the next request",
         "HttpCycle::may_keep_alive() in http_cycle.cpp",
         {
             Row("answers early", request("GET", "/late"), 200).then_kept(),
             Row("answers before it reads a body of a given length",
                 request("POST", "/late", "Content-Length: 5\r\n", "hello"), 200),
             Row("answers before it reads a body of chunks",
                 request("POST", "/late", "Transfer-Encoding: chunked\r\n",
                         "5\r\nhello\r\n0\r\n\r\n"),
                 200),
             Row("answers before it reads a body that looks like a request",
                 request("POST", "/late", "Content-Length: 27\r\n", request("GET", "/")), 200),
         }},
    });

}  // namespace

TEST_CASE("counts a body of eight million bytes" * since(4) *
          section("ASGI: Request - receive event") *
          rule("a body goes through the server piece by piece, and is not collected there") *
          look_at("HttpCycle::poll() in http_cycle.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/upload", "Content-Length: 8000000\r\n", std::string(8000000, 'b')));
  const Answer answer = client.read_answer("POST");
  expect_status(client, answer, {200});
  expect_body(client, answer, "8000000 octets\n");
}

TEST_CASE("answers while the body is still to come" * since(4) * section("RFC 9110 section 7.5") *
          rule("an application that does not ask for the body need not wait for it") *
          look_at("HttpCycle::take() in http_cycle.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/late", "Content-Length: 5\r\n"));
  const Answer answer = client.read_answer("POST");
  expect_status(client, answer, {200});
  client.send("hello");
  expect_announced_end(client, answer);
}

TEST_CASE(
    "lets a client finish a large body that nobody reads" * since(4) *
    section("RFC 9112 section 9.6") *
    rule("a client that is still sending must be able to read the answer: a server that closes at "
         "once sends a reset, which may destroy it") *
    look_at("Connection::close() in connection.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/late", "Content-Length: 1000000\r\n", std::string(500'000, 'b')));
  const Answer answer = client.read_answer("POST");
  expect_status(client, answer, {200});
  client.send(std::string(500'000, 'b'));
  expect_announced_end(client, answer);
}

TEST_CASE("sends 100 when the application asks for the body" * since(4) *
          section("RFC 9110 section 10.1.1") *
          rule("the first receive() is the moment when it is known that the body is wanted") *
          look_at("HttpCycle::poll() in http_cycle.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/upload", expecting));
  expect_status(client, client.read_any_answer("POST"), {100});
  client.send("hello");
  const Answer answer = client.read_any_answer("POST");
  expect_status(client, answer, {200});
  expect_body(client, answer, "5 octets\n");
  expect_announced_end(client, answer);
}

TEST_CASE("sends no 100 when the application does not ask for the body" * since(4) *
          section("RFC 9110 section 10.1.1") *
          rule("100 (Continue) would make the client send a body that nobody reads") *
          look_at("HttpCycle::write() in http_cycle.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/late", expecting));
  const Answer answer = client.read_any_answer("POST");
  expect_status(client, answer, {200});
  if (!answer.announces_close()) client.send("hello");  // then it waits for it
  expect_announced_end(client, answer);
}

TEST_CASE("sends an answer while the application works on" * since(4) *
          section("ASGI: Response Body - send event") *
          rule("what is complete is sent before anybody waits: neither what the application does "
               "afterwards nor what the client has sent behind its request holds it back") *
          look_at("Connection::flush_soon() in connection.cpp")) {
  for (const std::string& behind : {std::string(), std::string("\r\n"), another_request}) {
    Client client(the_server());
    client.wait_up_to(
        std::min<std::chrono::milliseconds>(patience(), 2s));  // the work takes longer
    client.send(request("GET", "/background") + behind);
    const Answer answer = client.read_answer();
    expect_status(client, answer, {200});
    expect_body(client, answer, "the work goes on\n");
  }
}
