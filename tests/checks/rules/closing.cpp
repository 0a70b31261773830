// How connections end: in order, with every answer delivered.
#include <csignal>
#include <thread>

#include "check.hpp"

using namespace std::chrono_literals;

namespace {

const std::string announced = "Content-Length: 1000000\r\n";
const std::string large_piece(1'000'000, 'b');

// A thousand octets a second, as over a bad line.
void slow_upload() {
  Server server;
  Client client(server.endpoint());
  client.send("POST  / HTTP/1.1\r\n\r\n");
  expect_status(client, client.read_answer("POST"), {400});
  for (int i = 0; i < 40; ++i) {
    std::this_thread::sleep_for(100ms);
    client.send_byte_by_byte(std::string(100, 'b'));
  }
  client.expect_end();
  client.expect_not_refused();
}

void expect_413_and_room_for_40_megabytes(const std::string& head) {
  Client client(the_server());
  client.send(head);
  expect_status(client, client.read_answer("POST"), {413});
  client.send_until_stuck(large_piece, 40'000'000, patience());
  client.expect_end();
  client.expect_not_refused();
}

// A client that has its answer, to the end of its connection, and goes on sending.
void restless_client_at_stop() {
  Server server;
  Client client(server.endpoint());
  client.send(request("POST", "/echo", "Content-Length: 17000000\r\n"));
  expect_status(client, client.read_answer("POST"), {413});
  client.expect_end();
  server.signal(SIGTERM);
  client.note("the server was sent SIGTERM");
  const auto deadline = std::chrono::steady_clock::now() + 3s + patience();
  auto end = server.ended_within(20ms);
  while (!end && std::chrono::steady_clock::now() < deadline) {
    client.send_byte_by_byte("x");
    end = server.ended_within(20ms);
  }
  if (end == "status 0") return;
  client.note(end ? "the server ended with " + *end : "the server goes on");
  client.fail(client.position(), "the server to end with status 0, two to three seconds later");
}

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

TEST_CASE("waits for a client that goes on sending slowly after its answer" * since(2) *
          section("RFC 9112 section 9.6") *
          rule("a client that reads its answer only when it has sent all of its request must not "
               "meet a reset before: the server reads on as long as something comes") *
          look_at("Connection::close() in connection.cpp") * early(slow_upload)) {
  outcome();
}

TEST_CASE("cuts off a client that never stops sending" * since(2) * until(2) *
          section("RFC 9112 section 9.6") *
          rule("a server reads on after its last answer, but not for ever: without a clock the "
               "octets have to be counted (64 million are enough for anybody)") *
          look_at("Connection::close() in connection.cpp")) {
  Client client(the_server());
  client.send("POST  / HTTP/1.1\r\n\r\n");
  expect_status(client, client.read_answer("POST"), {400});
  if (client.send_until_stuck(large_piece, 64'000'000, patience()) == 64'000'000) {
    client.fail(client.position(), "the server to end the connection before it has read all");
  }
  client.poke_until_closed();
}

TEST_CASE(
    "lets a client send 40 million octets after its refusal" * since(3) *
    section("RFC 9112 section 9.6") *
    rule("clients that read no answer before they have sent their request are common, proxies "
         "among them: what counts is time, not the octets that they send at full speed") *
    look_at("Connection::close() in connection.cpp")) {
  expect_413_and_room_for_40_megabytes(request("POST", "/echo", "Content-Length: 40000000\r\n"));
}

TEST_CASE(
    "lets a client send a chunk of 40 million octets after its refusal" * since(3) *
    section("RFC 9112 section 9.6") *
    rule("clients that read no answer before they have sent their request are common, proxies "
         "among them: what counts is time, not the octets that they send at full speed") *
    look_at("Connection::close() in connection.cpp")) {
  expect_413_and_room_for_40_megabytes(
      request("POST", "/echo", "Transfer-Encoding: chunked\r\n", "2625a00\r\n"));
}

TEST_CASE(
    "does not wait for a client that goes on sending when it stops" * since(3) *
    section("RFC 9112 section 9.6") *
    rule("a client that has its answer may hold up the end of the server by a short time only "
         "(here two seconds in all), whatever it sends") *
    look_at("Connection::stop() in connection.cpp") * early(restless_client_at_stop)) {
  outcome();
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
          look_at("BodyReader::receive_more() in body_reader.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/echo", "Content-Length: 5\r\n", "hel"));
  client.shut_down_sending();
  client.expect_end();
}

TEST_CASE("keeps silent about chunks without an end" * since(3) * section("RFC 9112 section 8") *
          rule("a chunked body ends with the chunk of size 0 and the empty line, not before") *
          look_at("BodyReader::receive_more() in body_reader.cpp")) {
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
          look_at("BodyReader::next() in body_reader.cpp")) {
  Client client(the_server());
  client.send(request("POST", "/echo", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n"));
  client.send("x\r\n");
  const Answer answer = client.read_answer("POST");
  expect_status(client, answer, {400});
  expect_right_end(client, answer);
}
