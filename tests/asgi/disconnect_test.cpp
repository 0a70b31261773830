// http.disconnect, and send() to a client that has gone.
#include <doctest/doctest.h>

#include <system_error>

#include "client.hpp"
#include "connection.hpp"
#include "probe.hpp"
#include "running.hpp"

using namespace std::chrono_literals;

namespace {

// Receives twice, then tries to answer.
asgi::App receive_and_respond(Journal& journal) {
  return [&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_received(journal, receive);
    co_await note_received(journal, receive);
    co_await note_sent(journal, send, HttpResponseStart(200));
    co_await note_sent(journal, send, HttpResponseBody("text"));
    journal.add("end");
  };
}

asgi::App receive_twice(Journal& journal) {
  return [&](const Scope&, Receive receive, Send) -> awaitable<void> {
    co_await note_received(journal, receive);
    co_await note_received(journal, receive);
  };
}

constexpr auto half_a_body = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf";

}  // namespace

TEST_CASE("contract 52: a client that leaves in the middle of its body") {
  Journal journal;
  Running server(receive_and_respond(journal));
  Client client(server.port());
  client.send(half_a_body);
  journal.wait_for("http.request 'half'...");
  client.leave();
  journal.wait_for("end");
  CHECK(journal.text() ==
        "http.request 'half'...\nhttp.disconnect\nDisconnected\nDisconnected\nend\n");
}

TEST_CASE("contract 52: a client that leaves while the application waits for it") {
  for (const bool hard : {false, true}) {
    Journal journal;
    Running server(receive_twice(journal));
    Client client(server.port());
    client.send(get("/"));
    journal.wait_for("http.request ''");
    client.leave(hard);
    journal.wait_for("http.disconnect");
  }
}

TEST_CASE("contract 52: to return at http.disconnect without a response is no fault") {
  const Log log;
  {
    Journal journal;
    Running server(receive_twice(journal));
    Client client(server.port());
    client.send(get("/"));
    journal.wait_for("http.request ''");
    client.leave();
    journal.wait_for("http.disconnect");
  }
  CHECK(log.text() == "");
}

TEST_CASE("contract 52: a client with many requests ahead that resets the connection") {
  Journal journal;
  Running server(receive_twice(journal));
  Client client(server.port());
  std::string ahead;
  while (ahead.size() < 300000) ahead += get("/");
  client.send(ahead);
  journal.wait_for("http.request ''");
  client.leave(true);
  journal.wait_for("http.disconnect");
}

TEST_CASE("a client that leaves when its last piece has filled the input") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send) -> awaitable<void> {
    co_await read_body(receive);
    journal.add("read");
    co_await note_received(journal, receive);
  });
  // Each read has twice as much room as the one before: 2 KiB, and at last 64.
  const std::size_t size = (2 + 4 + 8 + 16 + 32 + 64) * 1024;
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: " +
              std::to_string(size) + "\r\n\r\n");
  client.read_until("100 Continue\r\n\r\n");
  client.send(std::string(size, 'x'));
  journal.wait_for("read");
  client.leave();
  journal.wait_for("http.disconnect");
}

TEST_CASE("a client that sends without end while the application waits for it is not read on") {
  Journal journal;
  Running server(receive_twice(journal));
  Client client(server.port());
  client.send(get("/"));
  journal.wait_for("http.request ''");
  std::string ahead;
  while (ahead.size() < 64 * 1024 * 1024) ahead += get("/");
  CHECK(client.send_until_stuck(ahead) < ahead.size());  // what both systems hold is not as much
  client.leave(true);
  journal.wait_for("http.disconnect");
}

TEST_CASE("contract 53: after the response there is http.disconnect") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await respond(send, 200, "text");
    co_await note_received(journal, receive);
  });
  exchange(server.port(), post("/", "a body", "Connection: close\r\n"));
  CHECK(journal.text() == "http.disconnect\n");
}

TEST_CASE("contract 53: also where the body of the request never comes") {
  Journal journal;
  Gate gate;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await respond(send, 200, "text");
    co_await note_received(journal, receive);
    co_await gate.pass();
  });
  Client client(server.port());
  client.send(half_a_body);
  client.read_until("\r\n\r\ntext");
  journal.wait_for("http.disconnect");
  gate.open();
}

TEST_CASE("contract 54: a request with its client's half-close is answered") {
  Running server([](const Scope&, Receive receive, Send send) -> awaitable<void> {
    const std::string body = co_await read_body(receive);
    co_await wait(50ms);
    co_await respond(send, 200, "text");
  });
  Client client(server.port());
  client.send(get("/"));
  client.half_close();
  CHECK(client.read_to_end().ends_with("\r\n\r\ntext"));
}

TEST_CASE("contract 55: http.disconnect is a state, which each receive() tells") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send) -> awaitable<void> {
    for (int i = 0; i < 4; ++i) co_await note_received(journal, receive);
    journal.add("end");
  });
  Client client(server.port());
  client.send(half_a_body);
  client.leave();
  journal.wait_for("end");
  CHECK(journal.text() ==
        "http.request 'half'...\nhttp.disconnect\nhttp.disconnect\nhttp.disconnect\nend\n");
}

TEST_CASE("send() to a client that has gone throws a std::system_error, which is not logged") {
  const Log log;
  Journal journal;
  Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
    try {
      co_await send(HttpResponseStart(200));
      for (;;) co_await send(HttpResponseBody(std::string(65536, 'x'), true));
    } catch (const std::system_error&) {
      journal.add("std::system_error");
      throw;
    }
  });
  Client client(server.port());
  client.send(get("/"));
  client.read_until("\r\n\r\n");
  client.leave();
  journal.wait_for("std::system_error");
  server.stop();
  server.join();
  CHECK(log.text() == "");
}

TEST_CASE("a response without content ends as well when its client has gone") {
  for (const std::string method : {"GET", "HEAD"}) {
    for (const int status : {200, 204}) {
      for (const std::string& ahead : {std::string(), get("/")}) {
        CAPTURE(method);
        CAPTURE(status);
        Journal journal;
        Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
          co_await send(HttpResponseStart(status));
          try {
            for (;;) {
              co_await send(HttpResponseBody("text", true));
              co_await wait(5ms);
            }
          } catch (const std::system_error&) {
            journal.add("end");
          }
        });
        Client client(server.port());
        client.send(method + " / HTTP/1.1\r\nHost: x\r\n\r\n" + ahead);
        client.read_until("\r\n\r\n");
        client.leave();
        journal.wait_for("end");
      }
    }
  }
}

TEST_CASE("a response without content is whole: the request behind it is answered") {
  for (const bool catches : {true, false}) {
    CAPTURE(catches);
    Running server([&](const Scope& scope, Receive, Send send) -> awaitable<void> {
      co_await send(HttpResponseStart(200));
      if (std::get<asgi::HttpScope>(scope).method == "GET") {
        co_await send(HttpResponseBody("next"));
        co_return;
      }
      try {
        for (;;) {
          co_await send(HttpResponseBody("text", true));
          co_await wait(5ms);
        }
      } catch (const std::system_error&) {
        if (!catches) throw;
      }
    });
    Client client(server.port());
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + get("/"));
    client.half_close();
    CHECK(client.read_to_end().find("next") != std::string::npos);
  }
}

TEST_CASE("a body that has come is given out, though its client has ended") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(204));
    try {
      for (;;) {
        co_await send(HttpResponseBody("", true));
        co_await wait(5ms);
      }
    } catch (const std::system_error&) {
    }
    co_await note_received(journal, receive);
    co_await note_received(journal, receive);
  });
  Client client(server.port());
  client.send(post("/", "text"));
  client.half_close();
  journal.wait_for("http.disconnect");
  CHECK(journal.text() == "http.request 'text'\nhttp.disconnect\n");
}

TEST_CASE("an application may return quietly when its client has gone") {
  const Log log;
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_received(journal, receive);
    co_await send(HttpResponseStart(200));
    co_await send(HttpResponseBody("half", true));
    co_await note_received(journal, receive);
  });
  Client client(server.port());
  client.send(get("/"));
  client.read_until("half");
  client.leave();
  journal.wait_for("http.disconnect");
  server.stop();
  server.join();
  CHECK(log.text() == "");
}

TEST_CASE("a body that is refused while it is read: http.disconnect, and the refusal") {
  Options options = plain_options();
  options.limit_request_body = 10;
  options.timeout_request_body = 1s;
  const std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const auto& [body, status] :
       {std::pair("4\r\nhalf\r\nx", 400), {"4\r\nhalf\r\n7\r\n", 413}, {"4\r\nhalf\r\n", 408}}) {
    CAPTURE(status);
    Journal journal;
    Running server(receive_and_respond(journal), options);
    const std::string answer = exchange(server.port(), chunked + body);
    CHECK(answer.find("HTTP/1.1 " + std::to_string(status)) == 0);
    CHECK(journal.text() ==
          "http.request 'half'...\nhttp.disconnect\nDisconnected\nDisconnected\nend\n");
  }
}
