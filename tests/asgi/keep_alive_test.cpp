// Which connections go on, and that the requests of one are answered one after the other.
#include <doctest/doctest.h>

#include "client.hpp"
#include "probe.hpp"
#include "running.hpp"

using asgi::HttpScope;
using namespace std::chrono_literals;

namespace {

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("contract 13: the connection goes on after 204") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(204));
    co_await send(HttpResponseBody());
  });
  Client client(server.port());
  for (int i = 0; i < 2; ++i) {
    client.send(get("/"));
    CHECK(undated(client.read_until("\r\n\r\n")) == "HTTP/1.1 204 No Content\r\n\r\n");
  }
}

TEST_CASE("contracts 15, 22, 23: only an idle connection is closed, however slow the application") {
  Options options = plain_options();
  options.timeout_keep_alive = 1s;
  Running server(
      [](const Scope& scope, Receive, Send send) -> awaitable<void> {
        if (std::get<HttpScope>(scope).path == "/slow") co_await wait(2200ms);
        co_await respond(send, 200, "done");
      },
      options);
  Client client(server.port());
  client.send(get("/") + get("/slow"));
  client.read_until("done");
  CHECK(client.read_until("done").find("HTTP/1.1 200 OK") == 0);
  CHECK(client.read_to_end() == "");  // one to two seconds later
}

TEST_CASE("contract 16: an application can end the connection with connection: close") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200).header("Connection", "x, Close"));
    co_await send(HttpResponseBody("text"));
  });
  CHECK(undated(exchange(server.port(), get("/"))) ==
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\ntext");
}

TEST_CASE("contract 16: but it cannot keep one that the client wants to end") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200).header("connection", "keep-alive"));
    co_await send(HttpResponseBody("text"));
  });
  CHECK(undated(exchange(server.port(), last_get("/"))) ==
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\ntext");
}

TEST_CASE("contract 16: nor does any other word of it end one") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200).header("connection", "keep-alive, closed"));
    co_await send(HttpResponseBody("text"));
  });
  CHECK(undated(exchange(server.port(), get("/") + last_get("/"))) ==
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ntext"
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\ntext");
}

TEST_CASE("contract 19: the body of a request with Connection: close is read") {
  Running server([](const Scope&, Receive receive, Send send) -> awaitable<void> {
    std::string body = co_await read_body(receive);
    co_await respond(send, 200, std::move(body));
  });
  const std::string answer = exchange(server.port(), post("/", "abcdef", "Connection: close\r\n"));
  CHECK(answer.find("\r\nconnection: close\r\n\r\nabcdef") != answer.npos);
}

TEST_CASE("contract 20: pipelined requests reach the application one after the other") {
  Journal journal;
  Running server([&](const Scope& scope, Receive, Send send) -> awaitable<void> {
    const std::string path(std::get<HttpScope>(scope).path);
    journal.add("begin " + path);
    co_await wait(10ms);
    co_await respond(send, 200, path);
    co_await wait(10ms);
    journal.add("end " + path);
  });
  const std::string answers = exchange(server.port(), get("/1") + get("/2") + last_get("/3"));
  CHECK(journal.text() == "begin /1\nend /1\nbegin /2\nend /2\nbegin /3\nend /3\n");
  CHECK(count(answers, "HTTP/1.1 200 OK\r\n") == 3);
  CHECK(answers.find("/1HTTP") < answers.find("/2HTTP"));
  CHECK(answers.ends_with("/3"));
}

TEST_CASE("contract 25: a request that comes while the application ends is answered") {
  Journal journal;
  Gate gate;
  Running server([&](const Scope& scope, Receive, Send send) -> awaitable<void> {
    co_await respond(send, 200, std::string(std::get<HttpScope>(scope).path));
    journal.add("complete");
    co_await gate.pass();
  });
  Client client(server.port());
  client.send(get("/1"));
  journal.wait_for("complete");
  client.send(get("/2"));
  gate.open();
  client.read_until("\r\n\r\n/1");
  client.read_until("\r\n\r\n/2");
}

TEST_CASE("the end of a response is sent at once, even if the application goes on") {
  for (const std::string behind : {"", "\r\n", "GET", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"}) {
    CAPTURE(behind);
    Gate gate;
    Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
      co_await respond(send, 200, "some text");
      co_await gate.pass();
    });
    Client client(server.port());
    client.send(get("/") + behind);
    client.read_until("some text");
    gate.open();
  }
}

TEST_CASE("an answer is sent at once, even if the application of the next request waits") {
  Gate gate;
  Running server([&](const Scope& scope, Receive, Send send) -> awaitable<void> {
    const std::string path(std::get<HttpScope>(scope).path);
    if (path == "/2") co_await gate.pass();
    co_await respond(send, 200, path);
  });
  Client client(server.port());
  client.send(get("/1") + get("/2"));
  client.read_until("\r\n\r\n/1");
  gate.open();
  client.read_until("\r\n\r\n/2");
}

TEST_CASE("the answers to requests that came together leave in one write") {
  Running server([](const Scope& scope, Receive, Send send) -> awaitable<void> {
    co_await respond(send, 200, std::string(std::get<HttpScope>(scope).path));
  });
  Client client(server.port());
  std::string requests;
  for (int i = 1; i <= 16; ++i) requests += get('/' + std::to_string(i));
  client.send(requests);
  client.read_until("\r\n\r\n/16");
  CHECK(client.segments() == 1);
}
