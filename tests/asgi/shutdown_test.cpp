// A server that stops while applications run.
#include <doctest/doctest.h>

#include <future>

#include "client.hpp"
#include "probe.hpp"
#include "running.hpp"

using namespace std::chrono_literals;

TEST_CASE("contract 60: a request under way is answered, then the connection ends") {
  Journal journal;
  Gate gate;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_received(journal, receive);
    co_await gate.pass();
    co_await respond(send, 200, "text");
  });
  Client client(server.port());
  Client idle(server.port());
  client.send(get("/"));
  journal.wait_for("http.request ''");
  server.stop();
  CHECK(idle.read_to_end() == "");  // now it has stopped
  gate.open();
  CHECK(undated(client.read_to_end()) ==
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n"
        "connection: close\r\n\r\ntext");
  server.join();
}

TEST_CASE("contract 61: an idle connection is closed without a word") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await respond(send, 200, "text");
  });
  Client client(server.port());
  client.send(get("/"));
  client.read_until("\r\n\r\ntext");
  server.stop();
  CHECK(client.read_to_end() == "");
  server.join();
}

// Frameworks cancel what they do for a client when they receive its end.
TEST_CASE("contract 62: a stream whose application waits for the client's end gets its time") {
  Journal journal;
  Gate gate;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_received(journal, receive);
    co_await leave_behind(note_received(journal, receive));
    co_await send(HttpResponseStart(200));
    co_await send(HttpResponseBody("begun ", true));
    co_await gate.pass();
    journal.add("goes on");
    co_await send(HttpResponseBody("ended"));
    co_await until(journal, "http.disconnect");
  });
  Client client(server.port());
  Client idle(server.port());
  client.send(get("/"));
  client.read_until("begun ");
  server.stop();
  CHECK(idle.read_to_end() == "");  // now it has stopped
  gate.open();
  CHECK(client.read_to_end() == "\r\n5\r\nended\r\n0\r\n\r\n");
  server.join();
  CHECK(journal.text() == "http.request ''\ngoes on\nhttp.disconnect\n");
}

TEST_CASE("contract 62: a stream that looks after nothing gets its time") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    co_await send(HttpResponseBody("begun ", true));
    co_await wait(200ms);
    co_await send(HttpResponseBody("ended"));
  });
  Client client(server.port());
  client.send(get("/"));
  client.read_until("begun ");
  server.stop();
  CHECK(client.read_to_end() == "\r\n5\r\nended\r\n0\r\n\r\n");
}

TEST_CASE("contract 63: a stream that does not end is cut off when the time is up") {
  Journal journal;
  Options options = plain_options();
  options.timeout_graceful_shutdown = 1s;
  Running server(
      [&](const Scope&, Receive, Send send) -> awaitable<void> {
        co_await send(HttpResponseStart(200));
        co_await send(HttpResponseBody("begun ", true));
        while (journal.text().empty()) {
          co_await wait(5ms);
          try {
            co_await send(HttpResponseBody(".", true));
          } catch (const std::system_error&) {
            journal.add("cut off");
            throw;
          }
        }
      },
      options);
  Client client(server.port());
  client.send(get("/"));
  client.read_until("begun ");
  server.stop();
  server.join();
  CHECK(journal.text() == "cut off\n");
  CHECK(client.read_to_end().find("\r\n0\r\n") == std::string::npos);
}

TEST_CASE("contract 63: so is an application that waits for something else") {
  Options options = plain_options();
  options.timeout_graceful_shutdown = 1s;
  Running server(
      [](const Scope&, Receive, Send send) -> awaitable<void> {
        co_await send(HttpResponseStart(200));
        co_await send(HttpResponseBody("begun ", true));
        co_await wait(1h);
      },
      options);
  Client client(server.port());
  client.send(get("/"));
  client.read_until("begun ");
  server.stop();
  server.join();
  CHECK(client.read_to_end() == "\r\n");
}

TEST_CASE("contract 63: one that waits for its client's end receives it when the time is up") {
  Journal journal;
  Options options = plain_options();
  options.timeout_graceful_shutdown = 1s;
  Running server(
      [&](const Scope&, Receive receive, Send) -> awaitable<void> {
        co_await note_received(journal, receive);
        co_await note_received(journal, receive);
      },
      options);
  Client client(server.port());
  client.send(get("/"));
  journal.wait_for("http.request ''");
  server.stop();
  server.join();
  CHECK(journal.text() == "http.request ''\nhttp.disconnect\n");
}

TEST_CASE("contract 64: a server that stops takes no new connection") {
  Journal journal;
  Gate gate;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_received(journal, receive);
    co_await gate.pass();
    co_await respond(send, 200, "text");
  });
  Client client(server.port());
  Client idle(server.port());
  client.send(get("/"));
  journal.wait_for("http.request ''");
  const std::uint16_t port = server.port();
  server.stop();
  CHECK(idle.read_to_end() == "");  // now it has stopped
  CHECK_THROWS_AS(Client{port}, std::runtime_error);
  gate.open();
  CHECK(client.read_to_end().ends_with("text"));
}

// The server's only thread is held until a client has connected and another one has sent the
// request that stops it. Then the server sees both at once, the new client first.
TEST_CASE("contract 64: a client that comes in the moment of the stop does not hold it up") {
  Journal journal;
  std::promise<void> release;
  Running* running = nullptr;
  Running server([&](const Scope& scope, Receive, Send send) -> awaitable<void> {
    const std::string path(std::get<asgi::HttpScope>(scope).path);
    if (path == "/hold") {
      journal.add("held");
      release.get_future().wait();
    }
    if (path == "/stop") running->stop();
    co_await respond(send, 200, "text");
  });
  running = &server;
  Client stopping(server.port());
  stopping.send(get("/"));
  stopping.read_until("\r\n\r\ntext");
  Client holding(server.port());
  holding.send(get("/hold"));
  journal.wait_for("held");
  Client late(server.port());
  stopping.send(get("/stop"));
  release.set_value();
  CHECK(late.read_to_end() == "");
  CHECK(stopping.read_to_end().ends_with("text"));
  for (Client* each : {&stopping, &holding, &late}) each->leave();
  server.join();
}
