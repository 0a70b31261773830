// Coroutines that an application has started, and that go on when it has returned: receive() and
// send() throw EventError, whatever has become of the connection; and what is suspended in one of
// them is ended. Nothing of it is read after it has been freed: the sanitizers look on.
#include <doctest/doctest.h>

#include <optional>

#include "client.hpp"
#include "file.hpp"
#include "probe.hpp"
#include "running.hpp"

using asgi::HttpResponsePathsend;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t large = 16 * 1024 * 1024;  // octets: more than a socket takes unread

awaitable<void> call_later(Journal& journal, const Gate& gate, Receive receive, Send send) {
  co_await gate.pass();
  co_await note_received(journal, receive);
  co_await note_sent(journal, send, HttpResponseStart(200));
  co_await note_sent(journal, send, asgi::LifespanShutdownComplete());
  journal.add("end");
}

constexpr auto all_refused = "EventError\nEventError\nEventError\nend\n";

// Receives the request, and waits for what comes after it.
awaitable<void> wait_for_disconnect(Journal& journal, Receive receive) {
  co_await note_received(journal, receive);
  journal.add("waits");
  co_await note_received(journal, receive);
}

awaitable<void> wait_in_send(Journal& journal, Send send, asgi::SendEvent event) {
  journal.add("sends");
  co_await note_sent(journal, send, std::move(event));
}

}  // namespace

TEST_CASE("after the application has returned receive() and send() throw, for http") {
  Journal journal;
  Gate gate;
  Gate second;
  Running server([&](const Scope& scope, Receive receive, Send send) -> awaitable<void> {
    if (std::get<asgi::HttpScope>(scope).path == "/second") {
      journal.add("second");
      co_await second.pass();
    } else {
      co_await leave_behind(call_later(journal, gate, receive, send));
    }
    co_await respond(send, 201, "text");
  });
  Client client(server.port());
  client.send(get("/first"));
  client.read_until("\r\n\r\ntext");
  SUBCASE("while the connection serves its next request") {
    client.send(last_get("/second"));
    journal.wait_for("second");
    gate.open();
    journal.wait_for("end");
    CHECK(journal.text() == std::string("second\n") + all_refused);
    second.open();
    CHECK(client.read_to_end().starts_with("HTTP/1.1 201 "));
  }
  SUBCASE("while it waits for one") {
    gate.open();
    journal.wait_for("end");
    CHECK(journal.text() == all_refused);
  }
  SUBCASE("when its client has gone") {
    client.leave(true);
    CHECK(exchange(server.port(), last_get("/first")).starts_with("HTTP/1.1 201 "));
    gate.open();
    journal.wait_for("end");
  }
}

TEST_CASE("a receive() that waits when the application returns is ended, and the connection not") {
  Journal journal;
  Running server([&](const Scope& scope, Receive receive, Send send) -> awaitable<void> {
    if (std::get<asgi::HttpScope>(scope).path == "/first") {
      co_await leave_behind(wait_for_disconnect(journal, receive));
      co_await until(journal, "waits");
    }
    co_await respond(send, 200, "text");
  });
  Client client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.send(get("/first") + get("/second"));
    client.read_until("\r\n\r\ntext");
    client.read_until("\r\n\r\ntext");
  }
  server.stop();
  server.join();
  // The end of the response and that of the application come together: it learns of either.
  std::string told = journal.text();
  for (auto at = told.find("EventError"); at != told.npos; at = told.find("EventError")) {
    told.replace(at, std::string_view("EventError").size(), "http.disconnect");
  }
  const std::string one = "http.request ''\nwaits\nhttp.disconnect\n";
  CHECK(told == one + one + one);
}

TEST_CASE("so is one that waits for a body when there is no response: that is still a 500") {
  const Log log;
  Journal journal;
  {
    Running server([&](const Scope&, Receive receive, Send) -> awaitable<void> {
      co_await leave_behind(wait_for_disconnect(journal, receive));
      co_await until(journal, "waits");
    });
    Client client(server.port());
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
    CHECK(client.read_to_end().starts_with("HTTP/1.1 500 "));
  }
  CHECK(journal.text() == "http.request 'half'...\nwaits\nEventError\n");
  CHECK(log.text() == "application returned without a response\n");
}

TEST_CASE("a send() that waits when the application returns is ended, and so is the connection") {
  const File file(std::string(large, 'f'));
  const asgi::SendEvent events[] = {HttpResponseBody(std::string(large, 'b'), true),
                                    HttpResponsePathsend(file.path())};
  for (const asgi::SendEvent& event : events) {
    const Log log;
    Journal journal;
    {
      Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
        co_await send(HttpResponseStart(200));
        co_await leave_behind(wait_in_send(journal, send, event));
        co_await until(journal, "sends");
        journal.add("returns");
      });
      Client client(server.port(), 16 * 1024);
      client.send(get("/"));
      journal.wait_for("returns");
      CHECK_FALSE(client.read_to_end().ends_with("\r\n0\r\n\r\n"));
    }
    CHECK(journal.text() == "sends\nreturns\nEventError\n");
    CHECK(log.text() == "application returned before its response was complete\n");
  }
}

TEST_CASE("after the application has returned receive() and send() throw, for a lifespan") {
  Journal journal;
  Gate gate;
  Running server(
      [&](const Scope& scope, Receive receive, Send send) -> awaitable<void> {
        if (std::holds_alternative<asgi::HttpScope>(scope)) {
          co_await respond(send, 200, "text");
          co_return;
        }
        co_await leave_behind(wait_for_disconnect(journal, receive));
        co_await leave_behind(call_later(journal, gate, receive, send));
        co_await until(journal, "waits");
        co_await send(asgi::LifespanStartupComplete());
      },
      lifespan_options(Lifespan::on));
  exchange(server.port(), last_get("/"));
  gate.open();
  journal.wait_for("end");
  CHECK(journal.text() == std::string("lifespan.startup\nwaits\nEventError\n") + all_refused);
}

TEST_CASE("a handle that is kept throws when the server has ended, and so does what waits in it") {
  Journal journal;
  std::optional<Receive> receive;
  std::optional<Send> send;
  Options options = plain_options();
  options.timeout_graceful_shutdown = 1s;
  {
    Running server(
        [&](const Scope&, Receive given_receive, Send given_send) -> awaitable<void> {
          receive.emplace(given_receive);
          send.emplace(given_send);
          co_await given_send(HttpResponseStart(200));
          co_await leave_behind(wait_for_disconnect(journal, given_receive));
          co_await leave_behind(
              wait_in_send(journal, given_send, HttpResponseBody(std::string(large, 'b'), true)));
          co_await wait(1h);
        },
        options);
    Client client(server.port(), 16 * 1024);
    client.send(get("/"));
    journal.wait_for("sends");
    server.stop();
    server.join();
  }
  CHECK_THROWS_AS(receive->poll(), asgi::EventError);
  asgi::SendEvent event = HttpResponseBody();
  CHECK_THROWS_AS(send->take(event), asgi::EventError);
}

TEST_CASE("an event is used up when send() returns its awaitable") {
  const File file("content");
  Running server([&](const Scope& scope, Receive, Send send) -> awaitable<void> {
    const bool from_file = std::get<asgi::HttpScope>(scope).path == "/file";
    { const auto dropped = send(HttpResponseStart(200)); }
    bool refused = false;
    try {
      const auto dropped = send(HttpResponseStart(200));
    } catch (const asgi::EventError&) {
      refused = true;
    }
    if (from_file) {
      const auto dropped = send(HttpResponsePathsend(file.path()));
    } else {
      const auto dropped = send(HttpResponseBody(refused ? "content" : "taken twice"));
    }
    co_return;
  });
  CHECK(exchange(server.port(), last_get("/")).ends_with("\r\n\r\ncontent"));
  CHECK(exchange(server.port(), last_get("/file")).ends_with("\r\n\r\ncontent"));
}

TEST_CASE("a file that is not sent to its end takes no other event, and leaves half a response") {
  const File file(std::string(large, 'f'));
  Journal journal;
  Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    { const auto dropped = send(HttpResponsePathsend(file.path())); }
    co_await note_sent(journal, send, HttpResponseBody("end"));
    journal.add("end");
  });
  CHECK_FALSE(exchange(server.port(), get("/")).ends_with("\r\n0\r\n\r\n"));
  CHECK(journal.text() == "EventError\nend\n");
}
