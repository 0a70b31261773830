// How connections end: in order, with every answer delivered.
#include <thread>

#include "check.hpp"

using namespace std::chrono_literals;

namespace {

const std::string announced = "Content-Length: 1000000\r\n";

}  // namespace

TEST_CASE("refuses a request that is followed by much more" * since(2) *
          section("RFC 9112 section 9.6") *
          rule("a server that closes with input unread causes a reset, and the client may lose the "
               "answer: it ends its sending side, reads on, and closes then") *
          look_at("Connection::close() in connection.cpp")) {
  Client client(the_server());
  client.send("GET  / HTTP/1.1\r\n\r\n" + std::string(500'000, 'b'));
  expect_status(client, client.read_answer(), {400});
  client.expect_end();
}

TEST_CASE("answers 404 to a request whose body it does not read" * since(2) *
          section("RFC 9112 section 9.6") *
          rule("after an answer that came before the body was read, the connection ends without a "
               "reset, or the body is read after all") *
          look_at("Connection::close() in connection.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/nothing", announced, std::string(1'000'000, 'b')));
  const Answer answer = client.read_answer("POST");
  expect_status(client, answer, {404});
  expect_right_end(client, answer);
}

TEST_CASE("goes on reading after it has ended a connection" * since(2) *
          section("RFC 9112 section 9.6") *
          rule("what a client sends before it has seen the end must not be met with a reset") *
          look_at("Connection::close() in connection.cpp")) {
  Client client(the_server());
  client.send("GET  / HTTP/1.1\r\n\r\n");
  expect_status(client, client.read_answer(), {400});
  client.expect_end();
  for (int i = 0; i < 5; ++i) {
    client.send("still here");
    std::this_thread::sleep_for(20ms);  // a reset takes its time, and comes with the next write
  }
  client.shut_down_sending();
  client.expect_not_refused();
}

TEST_CASE("keeps silent about half a head" * since(2) * section("RFC 9112 section 8") *
          rule("a request that was cut off is no request: there is nothing to answer") *
          look_at("Session::read_request() in session.cpp")) {
  Client client(the_server());
  client.send("GET / HTTP/1.1\r\nHost:");
  client.shut_down_sending();
  client.expect_end();
}

TEST_CASE("keeps silent about half a request line" * since(2) * section("RFC 9112 section 8") *
          rule("a request that was cut off is no request: there is nothing to answer") *
          look_at("Session::read_request() in session.cpp")) {
  Client client(the_server());
  client.send("G");
  client.shut_down_sending();
  client.expect_end();
}

TEST_CASE("keeps silent about half a body" * since(3) * section("RFC 9112 section 8") *
          rule("a body that was cut off must not be taken for a whole one") *
          look_at("BodyReader::receive_more() in http/body_reader.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/echo", "Content-Length: 5\r\n", "hel"));
  client.shut_down_sending();
  client.expect_end();
}

TEST_CASE("keeps silent about chunks without an end" * since(3) * section("RFC 9112 section 8") *
          rule("a chunked body ends with the chunk of size 0 and the empty line, not before") *
          look_at("BodyReader::receive_more() in http/body_reader.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/echo", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n"));
  client.shut_down_sending();
  client.expect_end();
}

TEST_CASE(
    "says close when it leaves a body unread" * since(2) * section("RFC 9112 section 9.3") *
    rule("with part of a request still to come a server reads it, or closes after its answer; "
         "ours closes, and the answer says so") *
    look_at("append_response() in session.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/", announced, "only a part"));
  const Answer answer = client.read_answer("POST");
  expect_status(client, answer, {405});
  if (!answer.announces_close()) {
    client.fail(answer.body_begin - 2, "\"connection: close\" in this head");
  }
  client.expect_end();
}

TEST_CASE("refuses a body that is too large while it is being sent" * since(3) *
          section("RFC 9110 section 15.5.14") *
          rule("413 reaches the client even though it goes on sending") *
          look_at("Connection::close() in connection.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/echo", "Content-Length: 17000000\r\n"));
  client.send(std::string(1'000'000, 'b'));
  expect_status(client, client.read_answer("POST"), {413});
  client.expect_end();
}

TEST_CASE("refuses a chunk in the middle of a body" * since(3) * section("RFC 9112 section 7.1") *
          rule("a body that turns out wrong is refused, although its beginning was right") *
          look_at("BodyReader::next() in http/body_reader.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/echo", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n"));
  client.send("x\r\n");
  const Answer answer = client.read_answer("POST");
  expect_status(client, answer, {400});
  expect_right_end(client, answer);
}
