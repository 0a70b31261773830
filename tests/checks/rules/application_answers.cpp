// Answers that an application sends in pieces: how the server tells where they end.
#include "check.hpp"

namespace {

// What /big and /stream send.
std::string crosses(std::size_t size) { return std::string(size, 'x'); }

std::string http_1_0(const std::string& target, const std::string& fields = "") {
  return "GET " + target + " HTTP/1.0\r\n" + fields + "\r\n";
}

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {4,
         "RFC 9112 section 6.2",
         "where the application gives a content-length, that is how the client finds the end, "
         "whatever pieces the body comes in",
         "ResponseWriter::choose_framing() in asgi/response_writer.cpp",
         {
             Row("sends a body in pieces with its length", request("GET", "/big?n=200000"), 200)
                 .with_body(crosses(200000))
                 .with_field("content-length: 200000")
                 .then_kept(),
             Row("sends a body of one byte with its length", request("GET", "/big?n=1"), 200)
                 .with_body("x")
                 .with_field("content-length: 1")
                 .then_kept(),
             Row("sends an empty body with its length", request("GET", "/big?n=0"), 200)
                 .with_body("")
                 .with_field("content-length: 0")
                 .then_kept(),
             Row("sends a body with its length to HTTP/1.0", http_1_0("/big?n=100000"), 200)
                 .with_body(crosses(100000))
                 .with_field("content-length: 100000")
                 .then_closed(),
             Row("keeps a connection of HTTP/1.0 after a body with its length",
                 http_1_0("/big?n=100000", "Connection: keep-alive\r\n"), 200)
                 .with_body(crosses(100000))
                 .with_field("connection: keep-alive")
                 .then_kept(),
         }},
        {4,
         "RFC 9112 section 7.1",
         "where the size is not known when the head is sent, a client of HTTP/1.1 gets chunks, and "
         "the connection can be used again",
         "ResponseWriter::write_piece() in asgi/response_writer.cpp",
         {
             Row("sends a body of unknown size in chunks", request("GET", "/stream?n=200000"), 200)
                 .with_body(crosses(200000))
                 .with_field("transfer-encoding: chunked")
                 .then_kept(),
             Row("sends a single byte of unknown size", request("GET", "/stream?n=1"), 200)
                 .with_body("x")
                 .then_kept(),
             Row("sends nothing, of unknown size", request("GET", "/stream?n=0"), 200)
                 .with_body("")
                 .then_kept(),
             Row("sends chunks on a connection that it then closes",
                 request("GET", "/stream?n=100000", "Connection: close\r\n"), 200)
                 .with_body(crosses(100000))
                 .with_field("transfer-encoding: chunked")
                 .then_closed(),
         }},
        {4,
         "RFC 9110 section 9.3.2",
         "an application need not know of HEAD: what it sends as a body goes no further than the "
         "server",
         "ResponseWriter::write_piece() in asgi/response_writer.cpp",
         {
             Row("answers HEAD for a body with a length", request("HEAD", "/big?n=100000"), 200)
                 .with_body("")
                 .with_field("content-length: 100000")
                 .then_kept(),
             Row("answers HEAD for a body of unknown size", request("HEAD", "/stream?n=100000"),
                 200)
                 .with_body("")
                 .then_kept(),
             Row("answers HEAD in HTTP/1.0 for a body of unknown size",
                 "HEAD /stream?n=100000 HTTP/1.0\r\n\r\n", 200)
                 .with_body("")
                 .then_closed(),
             Row("answers HEAD for the scope", request("HEAD", "/scope"), 200).with_body(""),
             Row("answers HEAD for an upload",
                 request("HEAD", "/upload", "Content-Length: 5\r\n", "hello"), 200)
                 .with_body(""),
             Row("answers HEAD early", request("HEAD", "/late"), 200).with_body(""),
         }},
    });

void expect_until_end(const std::string& fields) {
  Client client(the_server());
  client.send(http_1_0("/stream?n=100000", fields));
  const Answer answer = client.read_answer();
  expect_status(client, answer, {200});
  if (answer.find("transfer-encoding")) {
    client.fail(client.received().find("ransfer-") - 1, "no chunks for HTTP/1.0");
  }
  expect_body(client, answer, crosses(100000));
  if (answer.has_token("connection", "keep-alive")) {
    client.fail(answer.body_begin - 2,
                "a connection that ends with the body, and no \"connection: keep-alive\" here");
  }
  client.expect_end();
}

void expect_crosses(Client& client, std::size_t size) {
  const Answer answer = client.read_answer();
  expect_status(client, answer, {200});
  expect_body(client, answer, crosses(size));
}

// The events come a second apart.
void first_events() {
  Client client(the_server());
  client.send(request("GET", "/events"));
  client.await_bytes("data: 1\n\n");
  if (client.received().find("data: 2\n\n") != std::string_view::npos) {
    client.fail(client.received().find("data: 2"), "the second event a second later, not");
  }
  client.await_bytes("data: 2\n\n");
}

}  // namespace

TEST_CASE("ends a body of unknown size with the connection for HTTP/1.0" * since(4) *
          section("RFC 9112 section 6.3") *
          rule("a client of HTTP/1.0 knows no chunks: the end of the connection ends the body") *
          look_at("ResponseWriter::choose_framing() in asgi/response_writer.cpp")) {
  expect_until_end("");
}

TEST_CASE(
    "promises nothing when only the end of the connection ends the body" * since(4) *
    section("RFC 9112 section 6.3") *
    rule("keep-alive cannot be granted where the end of the connection is the end of the body") *
    look_at("ResponseWriter::write_head() in asgi/response_writer.cpp")) {
  expect_until_end("Connection: keep-alive\r\n");
}

TEST_CASE("answers pipelined requests with bodies of each kind" * since(4) *
          section("RFC 9112 section 9.3.2") *
          rule("one answer ends before the next one begins, whatever framing each of them has") *
          look_at("Session::run() in session.cpp")) {
  Client client(the_server());
  client.send(request("GET", "/stream?n=100000") + request("GET", "/big?n=70000") +
              request("HEAD", "/stream?n=9") + request("GET", "/stream?n=3") + another_request);
  expect_crosses(client, 100000);
  expect_crosses(client, 70000);
  expect_status(client, client.read_answer("HEAD"), {200});
  expect_crosses(client, 3);
  expect_another_answer(client);
}

TEST_CASE("sends eight million bytes in chunks" * since(4) * section("RFC 9112 section 7.1") *
          rule("a body may be larger than what a server would hold: it goes out piece by piece") *
          look_at("HttpCycle::take() in http_cycle.cpp")) {
  Client client(the_server());
  client.send(request("GET", "/stream?n=8000000"));
  expect_crosses(client, 8'000'000);
}

TEST_CASE("sends each piece of a body when it is there" * since(4) *
          section("ASGI: Response Body - send event") *
          rule("a piece with more_body is sent at once: who waits for events cannot wait for the "
               "last one") *
          look_at("HttpCycle::take() in http_cycle.cpp") * early(first_events)) {
  outcome();
}
