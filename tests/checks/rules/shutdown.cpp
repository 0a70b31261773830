// How the server ends when it is asked to: nobody loses an answer.
#include <csignal>

#include "check.hpp"

using namespace std::chrono_literals;

namespace {

const std::string expecting =
    request("POST", "/echo", "Expect: 100-continue\r\nContent-Length: 5\r\n");

// A request of which the server has certainly read the head: it has asked for the body.
void begin_request(Client& client) {
  client.send(expecting);
  expect_status(client, client.read_any_answer("POST"), {100});
}

// A connection that is open and idle; its end shows that the server has begun to stop.
void become_idle(Client& client) {
  for (int i = 0; i < 2; ++i) {
    client.send(another_request);
    expect_another_answer(client);
  }
}

// The server is told to stop while the client's request is under way, and begins to.
void stop_during_request(Server& server, Client& client, Client& idle) {
  begin_request(client);
  server.signal(SIGTERM);
  idle.note("the server was sent SIGTERM");
  idle.expect_end();
  idle.close();
}

// The client closes as well, as clients do: a server may wait for that.
void expect_exit(Client& client, Server& server) {
  client.close();
  const auto end = server.ended_within(patience());
  if (end == "status 0") return;
  client.note(end ? "the server ended with " + *end : "the server goes on");
  client.fail(client.position(), "the server to end with status 0");
}

void limited_grace() {
  Server server("--timeout-graceful-shutdown 1");
  Client client(server.endpoint());
  begin_request(client);
  server.signal(SIGTERM);
  client.note("the server was sent SIGTERM");
  client.wait_up_to(4s);
  client.await_end("the end of the connection after 1 s");
  expect_exit(client, server);
}

}  // namespace

TEST_CASE("closes idle connections when it is to stop" * since(3) *
          section("RFC 9112 section 9.6") *
          rule("a connection on which nothing is asked ends at once, and then the server") *
          look_at("Server::drain() in server.cpp")) {
  Server server;
  Client client(server.endpoint());
  become_idle(client);
  server.signal(SIGTERM);
  client.note("the server was sent SIGTERM");
  client.expect_end();
  expect_exit(client, server);
}

TEST_CASE("answers a request that it has begun before it stops" * since(3) *
          section("RFC 9112 section 9.6") *
          rule("a request under way is answered, with close, and then the server ends") *
          look_at("Server::drain() in server.cpp")) {
  Server server;
  Client idle(server.endpoint());
  become_idle(idle);
  Client client(server.endpoint());
  stop_during_request(server, client, idle);
  client.note("the server was sent SIGTERM, and has closed its idle connections");
  client.send("hello");
  const Answer answer = client.read_answer("POST");
  expect_status(client, answer, {200});
  expect_body(client, answer, "hello");
  if (!answer.has_token("connection", "close")) {
    client.fail(answer.body_begin - 2, "\"connection: close\" in this head");
  }
  client.expect_end();
  expect_exit(client, server);
}

TEST_CASE("takes no new connections while it stops" * since(3) * section("RFC 9112 section 9.6") *
          rule("a server that stops ends what it has begun and begins nothing new") *
          look_at("Server::drain() in server.cpp")) {
  Server server;
  Client idle(server.endpoint());
  become_idle(idle);
  Client client(server.endpoint());
  stop_during_request(server, client, idle);
  if (Client::can_connect(server.endpoint())) {
    client.note("the server was sent SIGTERM, and a new connection was made");
    client.fail(client.position(), "a new connection to be refused");
  }
  client.send("hello");
  expect_status(client, client.read_answer("POST"), {200});
}

TEST_CASE("stops at once when it is told twice" * since(3) * section("POSIX signal.h") *
          rule("the first signal asks to stop in order, the second one to stop now") *
          look_at("Server::serve() in server.cpp")) {
  Server server;
  Client idle(server.endpoint());
  become_idle(idle);
  Client client(server.endpoint());
  stop_during_request(server, client, idle);
  const auto too_soon = server.ended_within(300ms);
  if (too_soon) client.fail(client.position(), "the server to go on until this is answered");
  server.signal(SIGTERM);
  client.note("the server was sent SIGTERM twice");
  expect_exit(client, server);
}

TEST_CASE("does not wait for ever for requests when it stops" * since(3) *
          section("RFC 9112 section 9.5") *
          rule("a client that does not finish its request must not keep the server from ending "
               "(--timeout-graceful-shutdown)") *
          look_at("Server::drain() in server.cpp") * early(limited_grace)) {
  outcome();
}
