// Applications that fail, or break the order of events.
#include <doctest/doctest.h>

#include <stdexcept>
#include <system_error>
#include <vector>

#include "client.hpp"
#include "probe.hpp"
#include "running.hpp"

using asgi::HttpResponseTrailers;
using asgi::SendEvent;

namespace {

constexpr auto failure_answer =
    "HTTP/1.1 500 Internal Server Error\r\ncontent-type: text/plain\r\ncontent-length: 23\r\n"
    "connection: close\r\n\r\nthe application failed\n";

struct Outcome {
  std::string answer;
  std::string log;
};

// What becomes of one request, and what is logged. The connection must end by itself.
Outcome outcome_of(asgi::App app, const Options& options = plain_options()) {
  const Log log;
  Running server(std::move(app), options);
  const std::string answer = undated(exchange(server.port(), get("/")));
  server.stop();
  server.join();
  return {answer, log.text()};
}

// What an application is told that sends these events, and then completes its response.
std::string outcomes(const std::vector<SendEvent>& events) {
  Journal journal;
  Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
    for (const SendEvent& event : events) co_await note_sent(journal, send, event);
  });
  exchange(server.port(), last_get("/"));
  return journal.text();
}

}  // namespace

TEST_CASE("contract 42: an application that fails at once is answered for with 500") {
  const Outcome outcome = outcome_of([](const Scope&, Receive, Send) -> awaitable<void> {
    throw std::runtime_error("reason");
    co_return;
  });
  CHECK(outcome.answer == failure_answer);
  CHECK(outcome.log == "application failed: reason\n");
}

TEST_CASE("contract 42: whatever it throws, and before its first co_await") {
  const auto at_once = [](const Scope&, Receive, Send) -> awaitable<void> { throw 42; };
  CHECK(outcome_of(at_once).answer == failure_answer);
  const auto odd = [](const Scope&, Receive, Send) -> awaitable<void> {
    throw 42;
    co_return;
  };
  CHECK(outcome_of(odd).answer == failure_answer);
}

TEST_CASE("contract 43: one that fails in the middle of its body leaves it without an end") {
  const Outcome outcome = outcome_of([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    co_await send(HttpResponseBody("half", true));
    throw std::runtime_error("reason");
  });
  CHECK(outcome.answer == "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n");
  CHECK(outcome.log == "application failed: reason\n");
}

TEST_CASE("contract 43: where only the end would tell, the client gets a reset") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    co_await send(HttpResponseBody("half", true));
    throw std::runtime_error("reason");
  });
  Client client(server.port());
  client.send("GET / HTTP/1.0\r\n\r\n");
  client.read_to_end();
  CHECK(client.was_reset());
}

TEST_CASE("contract 43: so does one whose own body breaks off: it has half an answer") {
  Running server([](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    co_await send(HttpResponseBody("half", true));
    co_await read_body(receive);
  });
  Client client(server.port());
  client.send("POST / HTTP/1.0\r\nContent-Length: 10\r\n\r\nhalf");
  client.half_close();
  client.read_to_end();
  CHECK(client.was_reset());
}

TEST_CASE("contract 44: one that returns without a response is answered for with 500") {
  const Outcome outcome =
      outcome_of([](const Scope&, Receive, Send) -> awaitable<void> { co_return; });
  CHECK(outcome.answer == failure_answer);
  CHECK(outcome.log == "application returned without a response\n");
}

TEST_CASE("contract 45: so is one that has sent a start only, for that is held") {
  const Outcome outcome = outcome_of([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200).header("secret", "1"));
  });
  CHECK(outcome.answer == failure_answer);
}

TEST_CASE("contract 45: a body that is never completed is cut off") {
  const Outcome outcome = outcome_of([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200).header("content-length", "10"));
    co_await send(HttpResponseBody("half", true));
  });
  CHECK(outcome.answer == "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
  CHECK(outcome.log == "application returned before its response was complete\n");
}

TEST_CASE("contract 46: a second start is an error, and the first one stands") {
  const Outcome outcome = outcome_of([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    co_await send(HttpResponseStart(201));
  });
  CHECK(outcome.answer == failure_answer);
  CHECK(outcomes({HttpResponseStart(200), HttpResponseStart(201), HttpResponseBody("x")}) ==
        "sent\nEventError\nsent\n");
}

TEST_CASE("contract 47: a body first is an error") {
  const Outcome outcome = outcome_of([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseBody("text"));
  });
  CHECK(outcome.answer == failure_answer);
}

TEST_CASE("contract 47: such an error has taken nothing of the request") {
  Running server([](const Scope& scope, Receive receive, Send send) -> awaitable<void> {
    Journal journal;
    if (std::get<asgi::HttpScope>(scope).path == "/started") {
      co_await send(HttpResponseStart(200).header("content-length", "4"));
    }
    co_await note_sent(journal, send, HttpResponseBody("too early, or too long"));
    std::string body = co_await read_body(receive);
    co_await note_sent(journal, send, HttpResponseStart(200));
    co_await send(HttpResponseBody(std::move(body)));
  });
  for (const char* const path : {"/", "/started"}) {
    const std::string request = post(path, "text", "Connection: close\r\n");
    CHECK(exchange(server.port(), request).ends_with("\r\n\r\ntext"));
  }
}

TEST_CASE("contract 48: a body after the end is an error, and the response stands") {
  const Outcome outcome = outcome_of([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await respond(send, 200, "text");
    co_await send(HttpResponseBody("more"));
  });
  CHECK(outcome.answer ==
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\ntext");
}

TEST_CASE("contract 50: events that are out of their order, or of another kind of scope") {
  const HttpResponseBody body("x");
  const HttpResponseBody piece("x", true);
  const HttpResponseStart start(200);
  CHECK(outcomes({asgi::LifespanStartupComplete(), start, body}) == "EventError\nsent\nsent\n");
  CHECK(outcomes({HttpResponseTrailers(), start, body}) == "EventError\nsent\nsent\n");
  CHECK(outcomes({start, piece, start, body}) == "sent\nsent\nEventError\nsent\n");
  CHECK(outcomes({start, piece, HttpResponseTrailers(), body}) == "sent\nsent\nEventError\nsent\n");
  CHECK(outcomes({start, body, start, body, HttpResponseTrailers()}) ==
        "sent\nsent\nEventError\nEventError\nEventError\n");
  CHECK(outcomes({start, body, asgi::HttpResponsePathsend("/dev/null")}) ==
        "sent\nsent\nEventError\n");
  CHECK(outcomes({start, body, asgi::HttpResponseEarlyHint({})}) == "sent\nsent\nEventError\n");
}

TEST_CASE("contract 51: a status is a number from 200 to 599") {
  for (const int status : {-1, 0, 100, 101, 199, 600, 1000}) {
    CAPTURE(status);
    CHECK(outcomes({HttpResponseStart(status), HttpResponseStart(200), HttpResponseBody("x")}) ==
          "EventError\nsent\nsent\n");
  }
  CHECK(outcomes({HttpResponseStart(599), HttpResponseBody("x")}) == "sent\nsent\n");
}

TEST_CASE("what an application says of its failure is one line of the log, and not a long one") {
  const auto log_of = [](std::string reason) {
    return outcome_of([reason](const Scope&, Receive, Send) -> awaitable<void> {
             throw std::runtime_error(reason);
             co_return;
           })
        .log;
  };
  CHECK(log_of("a\r\nb\t\x1b[31m\x7f\\n \xc3\xa9") ==
        "application failed: a\\x0d\\x0ab\\x09\\x1b[31m\\x7f\\x5cn \xc3\xa9\n");
  const std::string log = log_of(std::string(10000, 'x'));
  CHECK(log.size() < 4096);
  CHECK(log.ends_with("xxx...\n"));
}

TEST_CASE("the access log has the status that the client got") {
  const auto logged = [](asgi::App app) {
    Options options = plain_options();
    options.access_log = true;
    return outcome_of(std::move(app), options).log;
  };
  const std::string failed = "application failed: reason\n";
  const auto at_once = [](const Scope&, Receive, Send) -> awaitable<void> {
    throw std::runtime_error("reason");
    co_return;
  };
  CHECK(logged(at_once) == failed + "127.0.0.1 \"GET / HTTP/1.1\" 500\n");
  const auto hint_and_failure = [](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    co_await send(asgi::HttpResponseEarlyHint(std::vector<std::string>(1, "</a>")));
    throw std::runtime_error("reason");
  };
  CHECK(logged(hint_and_failure) == failed + "127.0.0.1 \"GET / HTTP/1.1\" 500\n");
  const auto half = [](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(201));
    co_await send(HttpResponseBody("half", true));
    throw std::runtime_error("reason");
  };
  CHECK(logged(half) == failed + "127.0.0.1 \"GET / HTTP/1.1\" 201\n");
  const std::string returned = "application returned without a response\n";
  const auto nothing = [](const Scope&, Receive, Send) -> awaitable<void> { co_return; };
  CHECK(logged(nothing) == returned + "127.0.0.1 \"GET / HTTP/1.1\" 500\n");
  const auto start_only = [](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
  };
  CHECK(logged(start_only) == returned + "127.0.0.1 \"GET / HTTP/1.1\" 500\n");
}

TEST_CASE("the access log has no status where the client left before its response began") {
  for (const bool starts : {false, true}) {
    CAPTURE(starts);
    const Log log;
    Options options = plain_options();
    options.access_log = true;
    Journal journal;
    Running server(
        [&](const Scope&, Receive receive, Send send) -> awaitable<void> {
          if (starts) co_await send(HttpResponseStart(200));
          co_await read_body(receive);
          journal.add("disconnect");
          throw std::runtime_error("reason");
        },
        options);
    Client client(server.port());
    client.send("POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
    client.leave();
    journal.wait_for("disconnect");
    server.stop();
    server.join();
    CHECK(log.text() == "application failed: reason\n127.0.0.1 \"POST /a?b HTTP/1.1\" -\n");
  }
}
