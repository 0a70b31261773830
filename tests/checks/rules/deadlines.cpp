// What a server does about clients that keep it waiting. Each check begins with the run and waits
// beside the others, on one server whose limits are a second; deadlines are looked at once a
// second, so that they act after one to two.
#include <mutex>

#include "check.hpp"

using namespace std::chrono_literals;

namespace {

using Time = std::chrono::steady_clock::time_point;

// The server with short limits, shared by the checks that are running.
std::shared_ptr<Server> impatient_server() {
  static std::mutex mutex;
  static std::weak_ptr<Server> running;
  const std::lock_guard lock(mutex);
  auto server = running.lock();
  if (!server) {
    server = std::make_shared<Server>(
        "--timeout-request-head 1 --timeout-keep-alive 1 --timeout-request-body 1 "
        "--timeout-write 1");
    running = server;
  }
  return server;
}

// What must happen when 1 s has passed: a server that looks once a second is no fault.
constexpr auto limit_and_more = 4s;

// Time since the beginning: too early is wrong as well. Our clock starts before the server's.
void expect_no_sooner(Client& client, Time begin) {
  const auto time = std::chrono::steady_clock::now() - begin;
  if (time < 900ms) client.fail(client.position(), "nothing here before 1 s had passed");
}

void expect_408(Client& client, Time begin) {
  client.wait_up_to(limit_and_more);
  const Answer answer = client.read_answer();
  expect_status(client, answer, {408});
  expect_no_sooner(client, begin);
  if (!answer.has_token("connection", "close")) {
    client.fail(answer.body_begin - 2, "\"connection: close\" in this head");
  }
  client.expect_end();
}

void expect_silent_end(Client& client, Time begin) {
  client.wait_up_to(limit_and_more);
  client.expect_end("the end of the connection, and nothing before,");
  expect_no_sooner(client, begin);
}

void slow_head() {
  const auto server = impatient_server();
  Client client(server->endpoint());
  const Time begin = std::chrono::steady_clock::now();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n");
  expect_408(client, begin);
}

void slow_head_of_a_patient_server() {
  Server server("--timeout-request-head 1 --timeout-keep-alive 60");
  Client client(server.endpoint());
  const Time begin = std::chrono::steady_clock::now();
  client.send("GET / HTTP/1.1\r\n");
  expect_408(client, begin);
}

void one_byte() {
  const auto server = impatient_server();
  Client client(server->endpoint());
  const Time begin = std::chrono::steady_clock::now();
  client.send("G");
  expect_408(client, begin);
}

void trickled_head() {
  const auto server = impatient_server();
  Client client(server->endpoint());
  const Time begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 16 && client.received().empty() && !client.ended(); ++i) {
    client.send_byte_by_byte(get().substr(static_cast<std::size_t>(i), 1));
    client.ended_within(250ms);
  }
  if (client.received().empty())
    client.fail(0, "408 after 1 s, or soon after: these bytes took 4 s");
  expect_408(client, begin);
}

void silent_client() {
  const auto server = impatient_server();
  const Time begin = std::chrono::steady_clock::now();
  Client client(server->endpoint());
  client.note("we connected and sent nothing");
  expect_silent_end(client, begin);
}

void empty_line() {
  const auto server = impatient_server();
  Client client(server->endpoint());
  const Time begin = std::chrono::steady_clock::now();
  client.send("\r\n");
  expect_silent_end(client, begin);
}

void idle_client() {
  const auto server = impatient_server();
  Client client(server->endpoint());
  const Time begin = std::chrono::steady_clock::now();
  client.send(get());
  expect_status(client, client.read_answer(), {200});
  expect_silent_end(client, begin);
}

void slow_second_head() {
  const auto server = impatient_server();
  Client client(server->endpoint());
  const Time begin = std::chrono::steady_clock::now();
  client.send(get() + "GET");
  expect_status(client, client.read_answer(), {200});
  expect_408(client, begin);
}

void slow_body() {
  const auto server = impatient_server();
  Client client(server->endpoint());
  const Time begin = std::chrono::steady_clock::now();
  client.send(request("POST", "/echo", "Content-Length: 5\r\n", "hel"));
  expect_408(client, begin);
}

void slow_chunks() {
  const auto server = impatient_server();
  Client client(server->endpoint());
  const Time begin = std::chrono::steady_clock::now();
  client.send(request("POST", "/echo", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n"));
  expect_408(client, begin);
}

// Six pauses are more than one limit; each is so much less that it may last longer than it should.
void steady_body() {
  Server server("--timeout-request-body 3");
  Client client(server.endpoint());
  client.send(request("POST", "/echo", "Content-Length: 6\r\n"));
  for (char c : std::string("steady")) {
    client.send(std::string(1, c));
    client.ended_within(800ms);
  }
  const Answer answer = client.read_answer("POST");
  expect_status(client, answer, {200});
  expect_body(client, answer, "steady");
}

// The answer is larger than what the systems on both sides hold for a client that reads nothing.
// When the server gives up, it closes, and what we send then fails.
void stuck_answer() {
  const auto server = impatient_server();
  Client client(server->endpoint(), Client::Reading::never);
  constexpr std::size_t size = 16'000'000;
  client.send(request("POST", "/echo", "Content-Length: " + std::to_string(size) + "\r\n",
                      std::string(size, 'b')));
  client.note("we took nothing of the answer, until the connection was gone");
  client.wait_up_to(limit_and_more);
  client.poke_until_closed();
  client.start_reading();
  client.await_end("the end of the connection");
  if (client.received().size() >= size) client.fail(0, "an answer that was given up");
}

}  // namespace

TEST_CASE("answers 408 when a head does not come in time" * since(3) *
          section("RFC 9110 section 15.5.9") *
          rule("a client that has begun a request has a limited time for its head "
               "(--timeout-request-head)") *
          look_at("Session::read_request() in session.cpp") * early(slow_head)) {
  outcome();
}

TEST_CASE("counts the time for a head apart from that of an idle connection" * since(3) *
          section("RFC 9112 section 9.5") *
          rule("a connection may be idle for long (--timeout-keep-alive), a head may not take as "
               "long (--timeout-request-head)") *
          look_at("Session::read_request() in session.cpp") *
          early(slow_head_of_a_patient_server)) {
  outcome();
}

TEST_CASE("answers 408 after a single byte" * since(3) * section("RFC 9110 section 15.5.9") *
          rule("the time for a head begins with its first byte") *
          look_at("Session::read_request() in session.cpp") * early(one_byte)) {
  outcome();
}

TEST_CASE(
    "cuts off a client that sends a byte now and then" * since(3) *
    section("RFC 9112 section 9.5") *
    rule("the time for a head is counted from its first byte: more bytes do not extend it, or "
         "a slow client could hold a connection for ever") *
    look_at("Session::read_request() in session.cpp") * early(trickled_head)) {
  outcome();
}

TEST_CASE("closes silently on a client that says nothing" * since(3) *
          section("RFC 9112 section 9.5") *
          rule("an idle connection is kept for a limited time (--timeout-keep-alive); it ends "
               "without an answer, for no request has begun") *
          look_at("Session::read_request() in session.cpp") * early(silent_client)) {
  outcome();
}

TEST_CASE("closes a kept connection silently when it is not used" * since(3) *
          section("RFC 9112 section 9.5") *
          rule("an idle connection is kept for a limited time (--timeout-keep-alive); it ends "
               "without an answer, for the next request has not begun") *
          look_at("Session::read_request() in session.cpp") * early(idle_client)) {
  outcome();
}

TEST_CASE("closes silently on a client that sends only an empty line" * since(3) *
          section("RFC 9112 section 2.2") *
          rule("an empty line before a request line is ignored: no request has begun with it, "
               "so that there is nobody to answer") *
          look_at("Session::read_request() in session.cpp") * early(empty_line)) {
  outcome();
}

TEST_CASE("answers 408 when a second head does not come in time" * since(3) *
          section("RFC 9110 section 15.5.9") *
          rule("the limits hold for each request of a connection") *
          look_at("Session::read_request() in session.cpp") * early(slow_second_head)) {
  outcome();
}

TEST_CASE("answers 408 when a body does not go on" * since(3) * section("RFC 9110 section 15.5.9") *
          rule("a body may pause for a limited time (--timeout-request-body)") *
          look_at("BodyReader::receive_more() in body_reader.cpp") * early(slow_body)) {
  outcome();
}

TEST_CASE("answers 408 when chunks do not go on" * since(3) * section("RFC 9110 section 15.5.9") *
          rule("a body may pause for a limited time (--timeout-request-body)") *
          look_at("BodyReader::receive_more() in body_reader.cpp") * early(slow_chunks)) {
  outcome();
}

TEST_CASE("waits for a body that is slow but goes on" * since(3) * section("RFC 9112 section 9.5") *
          rule("the time for a body begins again with each part of it") *
          look_at("BodyReader::receive_more() in body_reader.cpp") * early(steady_body)) {
  outcome();
}

TEST_CASE(
    "gives up on a client that does not take its answer" * since(3) *
    section("RFC 9112 section 9.5") *
    rule("a client that takes nothing of its answer for some time has gone (--timeout-write)") *
    look_at("Connection::send_output() in connection.cpp") * early(stuck_answer)) {
  outcome();
}
