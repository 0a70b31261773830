// Many requests on one connection, sent without waiting for the answers.
#include "check.hpp"

using namespace std::chrono_literals;

namespace {

std::string numbered(int number) {
  return "GET /reflect?" + std::to_string(number) + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

void expect_numbered(Client& client, int number) {
  const Answer answer = client.read_answer();
  expect_status(client, answer, {200});
  expect_body(client, answer, "GET /reflect?" + std::to_string(number) + " HTTP/1.1\nhost: x\n");
}

void expect_echoed(Client& client, std::string_view body) {
  const Answer answer = client.read_answer("POST");
  expect_status(client, answer, {200});
  expect_body(client, answer, body);
}

const std::string post_counted = request("POST", "/echo", "Content-Length: 5\r\n", "hello");
const std::string post_chunked =
    request("POST", "/echo", "Transfer-Encoding: chunked\r\n", "5\r\nworld\r\n0\r\n\r\n");

}  // namespace

TEST_CASE("answers one request after the other" * since(3) * section("RFC 9112 section 9.3") *
          rule("a connection of HTTP/1.1 serves as many requests as the client likes") *
          look_at("Session::run() in session.cpp")) {
  Client client(the_server());
  for (int i = 0; i < 20; ++i) {
    client.send(numbered(i));
    expect_numbered(client, i);
  }
}

TEST_CASE("answers pipelined requests in order" * since(3) * section("RFC 9112 section 9.3.2") *
          rule("a client may send requests without waiting; the answers come in their order") *
          look_at("Session::run() in session.cpp")) {
  Client client(the_server());
  client.send(numbered(1) + numbered(2));
  expect_numbered(client, 1);
  expect_numbered(client, 2);
}

TEST_CASE("answers two hundred pipelined requests" * since(3) * section("RFC 9112 section 9.3.2") *
          rule("requests that are already there are answered, whatever their number") *
          look_at("Session::run() in session.cpp")) {
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += numbered(i);
  Client client(the_server());
  client.send(requests);
  for (int i = 0; i < 200; ++i) expect_numbered(client, i);
}

TEST_CASE("answers pipelined requests that come byte by byte" * since(3) *
          section("RFC 9112 section 9.3.2") *
          rule("where one request ends and the next begins does not depend on the segments") *
          look_at("Session::read_request() in session.cpp")) {
  Client client(the_server());
  client.send_byte_by_byte(numbered(1) + post_chunked + numbered(2));
  expect_numbered(client, 1);
  expect_echoed(client, "world");
  expect_numbered(client, 2);
}

TEST_CASE("answers a request whose beginning came with the one before" * since(3) *
          section("RFC 9112 section 9.3.2") *
          rule("bytes behind a request belong to the next one: they are kept") *
          look_at("Session::read_request() in session.cpp")) {
  Client client(the_server());
  client.send(numbered(1) + numbered(2).substr(0, 10));
  expect_numbered(client, 1);
  client.send(numbered(2).substr(10));
  expect_numbered(client, 2);
}

TEST_CASE("answers pipelined requests with bodies" * since(3) * section("RFC 9112 section 9.3.2") *
          rule("the next request begins where the body ends") *
          look_at("BodyReader::next() in body_reader.cpp")) {
  Client client(the_server());
  client.send(post_counted + post_chunked + numbered(1) + post_chunked + post_counted);
  expect_echoed(client, "hello");
  expect_echoed(client, "world");
  expect_numbered(client, 1);
  expect_echoed(client, "world");
  expect_echoed(client, "hello");
}

TEST_CASE(
    "reads over bodies that nobody asked for" * since(3) * section("RFC 9112 section 9.3") *
    rule("a body that is there is read to its end, even when it is of no use, before the next "
         "request") *
    look_at("BodyReader::skip_received() in body_reader.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/", "Content-Length: 5\r\n", "hello") + numbered(1) +
              request("GET", "/reflect", "Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n") +
              numbered(2));
  expect_status(client, client.read_answer("POST"), {405});
  expect_numbered(client, 1);
  expect_status(client, client.read_answer(), {200});
  expect_numbered(client, 2);
}

TEST_CASE("answers HEAD between other requests" * since(3) * section("RFC 9110 section 9.3.2") *
          rule("an answer to HEAD has no content, and the next answer follows its head directly") *
          look_at("append_response() in session.cpp")) {
  Client client(the_server());
  client.send(numbered(1) + request("HEAD", "/") + numbered(2));
  expect_numbered(client, 1);
  expect_status(client, client.read_answer("HEAD"), {200});
  expect_numbered(client, 2);
}

TEST_CASE("answers what came before a bad request" * since(3) * section("RFC 9112 section 9.3.2") *
          rule("a refusal does not undo the answers before it: they come first") *
          look_at("Session::run() in session.cpp")) {
  Client client(the_server());
  client.send(numbered(1) + post_counted + "GET  / HTTP/1.1\r\n\r\n" + numbered(2));
  expect_numbered(client, 1);
  expect_echoed(client, "hello");
  const Answer answer = client.read_answer();
  expect_status(client, answer, {400});
  expect_right_end(client, answer);
}

TEST_CASE("answers nothing after a request that says close" * since(3) *
          section("RFC 9112 section 9.6") *
          rule("what follows a request with close is not a request any more") *
          look_at("Session::run() in session.cpp")) {
  Client client(the_server());
  client.send(numbered(1) + get("Connection: close\r\n") + numbered(2));
  expect_numbered(client, 1);
  expect_status(client, client.read_answer(), {200});
  client.expect_end();
}

TEST_CASE("answers all pipelined requests after a half-close" * since(3) *
          section("RFC 9112 section 9.6") *
          rule("a client that has ended its sending side still waits for its answers") *
          look_at("Session::read_request() in session.cpp")) {
  Client client(the_server());
  client.send(numbered(1) + post_chunked + numbered(2));
  client.shut_down_sending();
  expect_numbered(client, 1);
  expect_echoed(client, "world");
  expect_numbered(client, 2);
  client.expect_end();
}

TEST_CASE("echoes a body of a megabyte" * since(3) * section("RFC 9112 section 6.2") *
          rule("a body comes in many pieces and is put together") *
          look_at("BodyReader::next() in body_reader.cpp")) {
  const std::string body = repeated("0123456789abcde\n", 65536);
  Client client(the_server());
  client.send(
      request("POST", "/echo", "Content-Length: " + std::to_string(body.size()) + "\r\n", body) +
      numbered(1));
  expect_echoed(client, body);
  expect_numbered(client, 1);
}

TEST_CASE("echoes a megabyte of chunks" * since(3) * section("RFC 9112 section 7.1") *
          rule("chunks are put together, whatever their number") *
          look_at("BodyReader::next() in body_reader.cpp")) {
  std::string body = repeated("400\r\n" + std::string(1024, 'x') + "\r\n", 1024);
  Client client(the_server());
  client.send(request("POST", "/echo", "Transfer-Encoding: chunked\r\n", body + "0\r\n\r\n") +
              numbered(1));
  expect_echoed(client, std::string(1024 * 1024, 'x'));
  expect_numbered(client, 1);
}

TEST_CASE(
    "stops reading from a client that takes no answers" * since(3) *
    section("RFC 9293 section 3.8.6") *
    rule("answers that are not taken must not pile up in the server's memory: while they wait, "
         "no further request is read (back-pressure)") *
    look_at("Session::answer() in session.cpp")) {
  Client client(the_server(), Client::Reading::never);
  constexpr std::size_t limit = 64 * 1024 * 1024;
  const std::size_t sent = client.send_until_stuck(repeated(numbered(1), 1000), limit, 300ms);
  if (sent >= limit) client.fail(0, "the server to stop reading long before");
  client.start_reading();
  for (int i = 0; i < 100; ++i) expect_numbered(client, 1);
}
