// Back-pressure, request bodies that nobody reads, 100 (Continue).
#include <doctest/doctest.h>

#include <thread>

#include "client.hpp"
#include "probe.hpp"
#include "running.hpp"

using namespace std::chrono_literals;

namespace {

constexpr std::size_t large = 64 * 1024 * 1024;  // more than the system's buffers take
constexpr auto expecting = "Expect: 100-continue\r\nConnection: close\r\n";
constexpr auto continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

std::string head_of(std::string_view target, std::size_t length, std::string_view fields = "") {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(length) + "\r\n\r\n";
}

}  // namespace

TEST_CASE("contract 32: a client is read from when the application reads, not before") {
  Gate gate;
  Options options = plain_options();
  options.limit_request_body = 0;
  Running server(
      [&](const Scope&, Receive receive, Send send) -> awaitable<void> {
        co_await gate.pass();
        const std::string body = co_await read_body(receive);
        co_await respond(send, 200, std::to_string(body.size()));
      },
      options);
  Client client(server.port());
  client.send(head_of("/", large));
  const std::string body(large, 'b');
  const std::size_t sent = client.send_until_stuck(body);
  CHECK(sent < large);
  gate.open();
  client.send(std::string_view(body).substr(sent));
  client.read_until("\r\n\r\n" + std::to_string(large));
}

TEST_CASE("contract 32: an application waits in send() for a client that does not read") {
  Journal journal;
  Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200).header("content-length", std::to_string(large)));
    for (std::size_t i = 0; i < large / 65536; ++i) {
      co_await send(HttpResponseBody(std::string(65536, 'x'), true));
    }
    co_await send(HttpResponseBody());
    journal.add("all sent");
  });
  Client client(server.port(), 64 * 1024);
  client.send(last_get("/"));
  client.read_until("\r\n\r\n");
  std::this_thread::sleep_for(200ms);
  CHECK(journal.text() == "");
  CHECK(client.read_to_end().size() == large);
  journal.wait_for("all sent");
}

TEST_CASE("contracts 33, 34: an answer before the body ends the connection, and is not lost") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await respond(send, 200, "early");
  });
  Client client(server.port());
  client.send(head_of("/", 1000000));
  const std::string answer = client.read_until("early");
  CHECK(answer.find("\r\nconnection: close\r\n") != answer.npos);
  client.send(std::string(1000000, 'b') + get("/"));
  CHECK(client.read_to_end() == "");
  CHECK_FALSE(client.was_reset());
}

TEST_CASE("contract 33: the connection goes on when the unread body is there already") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await respond(send, 200, "early");
  });
  Client client(server.port());
  client.send(post("/", "a body") + get("/"));
  const std::string answer = client.read_until("early");
  CHECK(answer.find("connection: close") == answer.npos);
  client.read_until("early");
}

TEST_CASE("contract 33: a streamed response that begins before the body says close") {
  Running server([](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    co_await send(HttpResponseBody("begun ", true));
    std::string body = co_await read_body(receive);
    co_await send(HttpResponseBody(std::move(body)));
  });
  Client client(server.port());
  client.send(head_of("/", 4));
  const std::string head = client.read_until("begun ");
  CHECK(head.find("\r\nconnection: close\r\n") != head.npos);
  client.send("body");
  CHECK(client.read_to_end() == "\r\n4\r\nbody\r\n0\r\n\r\n");
}

TEST_CASE("contract 56: 100 is sent when the application asks for the body, not before") {
  Gate gate;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await gate.pass();
    std::string body = co_await read_body(receive);
    co_await respond(send, 200, std::move(body));
  });
  Client client(server.port());
  client.send(head_of("/", 4, expecting));
  CHECK(client.is_quiet_for(100ms));
  gate.open();
  CHECK(client.read_until("\r\n\r\n") == continue_head);
  client.send("body");
  CHECK(client.read_to_end().ends_with("\r\n\r\nbody"));
}

TEST_CASE("contract 57: no 100 for an application that does not read") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await respond(send, 403, "no");
  });
  CHECK(exchange(server.port(), head_of("/", 4, expecting)).find("HTTP/1.1 403 ") == 0);
}

TEST_CASE("contract 57: no 100 once the response has begun") {
  Running server([](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    co_await send(HttpResponseBody("begun ", true));
    std::string body = co_await read_body(receive);
    co_await send(HttpResponseBody(std::move(body)));
  });
  Client client(server.port());
  client.send(head_of("/", 4, expecting));
  client.read_until("begun ");
  client.send("body");
  CHECK(client.read_to_end() == "\r\n4\r\nbody\r\n0\r\n\r\n");
}
