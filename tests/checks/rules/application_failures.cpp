// Applications that fail, clients that leave, clients that do not read, and the end of the server.
#include <csignal>

#include "check.hpp"

using namespace std::chrono_literals;

namespace {

constexpr const char* endless = "/stream?n=1000000000000";

void expect_stream(Client& client, std::size_t size) {
  const Answer answer = client.read_answer();
  expect_status(client, answer, {200});
  expect_body(client, answer, std::string(size, 'x'));
}

void ask_for_stream(const tcp::endpoint& server) {
  Client client(server);
  client.send(request("GET", "/stream?n=1000"));
  expect_stream(client, 1000);
}

void leave(const std::string& target) {
  for (int i = 0; i < 20; ++i) {
    Client client(the_server());
    client.send(request("GET", target));
    client.await_bytes("\r\n\r\n");
    client.reset();
  }
  ask_for_stream(the_server());
}

void await_exit(Client& client, Server& server) {
  client.close();
  const auto end = server.ended_within(patience());
  if (end == "status 0") return;
  client.note(end ? "the server ended with " + *end : "the server goes on");
  client.fail(client.position(), "the server to end with status 0");
}

void endless_stream() {
  Server server("--timeout-graceful-shutdown 1");
  Client client(server.endpoint(), Client::Reading::never);
  client.send(request("GET", endless));
  client.await_any_byte();
  server.signal(SIGTERM);
  client.note("the server was sent SIGTERM");
  const auto end = server.ended_within(8s);
  client.note(end ? "it ended with " + *end : "it goes on");
  client.start_reading();
  client.expect_cut_off("GET", "xxxx");
  if (end != "status 0")
    client.fail(client.position(), "the server to end with status 0 after 1 s");
}

// What an application sends to a client that does not read waits, and so does the application.
void unread_stream() {
  Server server;
  Client client(server.endpoint(), Client::Reading::never);
  client.send(request("GET", endless));
  client.note("we took nothing of the answer for a while");
  client.await_any_byte();
  const bool spun = always_spins(server);
  ask_for_stream(server.endpoint());
  client.start_reading();
  client.await_bytes("xxxx");
  client.close();
  server.kill();
  if (!spun) return;
  client.note("meanwhile the server took as much processor time as a loop does");
  client.fail(client.position(), "an application that waits until the client reads");
}

}  // namespace

TEST_CASE("answers 500 when the application fails at once" * since(4) *
          section("RFC 9110 section 15.6.1") *
          rule("a head that was not sent yet can still be another one: the client gets an honest "
               "500") *
          look_at("HttpCycle::finish() in http_cycle.cpp")) {
  Client client(the_server());
  client.send(request("GET", "/fail/before"));
  const Answer answer = client.read_answer();
  expect_status(client, answer, {500});
  expect_announced_end(client, answer);
  expect_service(the_server());
}

TEST_CASE("answers HEAD with 500 when the application fails at once" * since(4) *
          section("RFC 9110 section 9.3.2") *
          rule("an answer to HEAD has no content, be it an error") *
          look_at("HttpCycle::finish() in http_cycle.cpp")) {
  Client client(the_server());
  client.send(request("HEAD", "/fail/before"));
  const Answer answer = client.read_answer("HEAD");
  expect_status(client, answer, {500});
  expect_announced_end(client, answer);
}

TEST_CASE("does not complete chunks when the application fails" * since(4) *
          section("RFC 9112 section 8") *
          rule("the last chunk says that all is there: after a failure it must not be sent") *
          look_at("HttpCycle::finish() in http_cycle.cpp")) {
  Client client(the_server());
  client.send(request("GET", "/fail/after"));
  client.expect_cut_off("GET", "this is not all\n");
  expect_service(the_server());
}

TEST_CASE("resets the connection when nothing else shows that a body was cut off" * since(4) *
          section("RFC 9112 section 8") *
          rule("where the end of the connection ends the body, an end in order says that all is "
               "there; a reset is an error") *
          look_at("HttpCycle::finish() in http_cycle.cpp")) {
  Client client(the_server());
  client.send("GET /fail/after HTTP/1.0\r\n\r\n");
  client.expect_cut_off("GET", "");
  expect_service(the_server());
}

TEST_CASE("goes on after clients have left in the middle of chunks" * since(4) *
          section("RFC 9112 section 9.5") *
          rule("send() tells an application that its client has gone; nobody else notices") *
          look_at("HttpCycle::take() in http_cycle.cpp")) {
  leave(endless);
}

TEST_CASE("goes on after clients have left in the middle of a body with a length" * since(4) *
          section("RFC 9112 section 9.5") *
          rule("send() tells an application that its client has gone; nobody else notices") *
          look_at("HttpCycle::take() in http_cycle.cpp")) {
  leave("/big?n=1000000000000");
}

TEST_CASE("goes on after clients have left between two events" * since(4) *
          section("RFC 9112 section 9.5") *
          rule("an application that waits for something else hurts nobody when its client goes") *
          look_at("HttpCycle::take() in http_cycle.cpp")) {
  leave("/events");
}

TEST_CASE("waits for a client that does not read" * since(4) * section("RFC 9293 section 3.8.6") *
          rule("send() returns when there is room for more: an application cannot fill the "
               "server's memory, nor keep it busy, for a client that does not read") *
          look_at("Connection::flush() in connection.cpp") * early(unread_stream)) {
  outcome();
}

TEST_CASE("finishes a stream before it stops" * since(4) * section("RFC 9112 section 9.6") *
          rule("SIGTERM lets an application under way finish its answer") *
          look_at("Server::drain() in server.cpp")) {
  Server server;
  Client client(server.endpoint(), Client::Reading::never);
  client.send(request("GET", "/stream?n=8000000"));
  client.await_any_byte();
  server.signal(SIGTERM);
  client.note("the server was sent SIGTERM");
  client.start_reading();
  expect_stream(client, 8'000'000);
  client.expect_end();
  await_exit(client, server);
}

TEST_CASE("does not wait for an endless stream when it stops" * since(4) *
          section("RFC 9112 section 9.6") *
          rule("when --timeout-graceful-shutdown has passed, what is under way is cut off") *
          look_at("Server::drain() in server.cpp") * early(endless_stream)) {
  outcome();
}
