// Handshakes that an application does not accept.
#include <doctest/doctest.h>

#include <asio/experimental/awaitable_operators.hpp>
#include <stdexcept>
#include <thread>
#include <vector>

#include "client.hpp"
#include "frames.hpp"
#include "running.hpp"
#include "websocket_probe.hpp"

using asgi::SendEvent;
using asgi::WebSocketAccept;
using asgi::WebSocketClose;
using asgi::WebSocketHttpResponseBody;
using asgi::WebSocketHttpResponseStart;
using asgi::WebSocketSend;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

namespace {

const std::string failure_answer =
    "HTTP/1.1 500 Internal Server Error\r\ncontent-type: text/plain\r\ncontent-length: 23\r\n"
    "connection: close\r\n\r\nthe application failed\n";

struct Outcome {
  std::string answer;
  std::string log;
};

// What becomes of one handshake, and what is logged. The connection must end by itself.
Outcome outcome_of(asgi::App app) {
  const Log log;
  Running server(std::move(app));
  const std::string answer = undated(exchange(server.port(), handshake()));
  server.stop();
  server.join();
  return {answer, log.text()};
}

// What the client gets, and what the application is told, that sends these events.
Outcome outcomes(const std::vector<SendEvent>& events) {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    const asgi::ReceiveEvent connect = co_await receive();
    for (const SendEvent& event : events) co_await note_sent(journal, send, event);
  });
  const std::string answer = undated(exchange(server.port(), handshake()));
  return {answer, journal.text()};
}

WebSocketHttpResponseStart start(int status, std::string length = "") {
  HttpResponseStart event(status);
  if (!length.empty()) event.headers.emplace_back("content-length", length);
  return WebSocketHttpResponseStart(event);
}

WebSocketHttpResponseBody body(std::string text, bool more_body = false) {
  return WebSocketHttpResponseBody(HttpResponseBody(std::move(text), more_body));
}

const WebSocketSend message = WebSocketSend::of_text("text");

const std::string plain_denial =
    "HTTP/1.1 400 Bad Request\r\ncontent-length: 4\r\nconnection: close\r\n\r\ntext";

}  // namespace

TEST_CASE("contract 68: websocket.close denies with 403, and is the end for the application") {
  const Log log;
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_event(journal, receive);
    co_await note_sent(journal, send, WebSocketClose(1001, "unused"));
    co_await note_event(journal, receive);
    co_await note_event(journal, receive);
    co_await note_sent(journal, send, WebSocketAccept());
    co_await note_sent(journal, send, WebSocketClose());
  });
  CHECK(exchange(server.port(), handshake()).find("HTTP/1.1 403 Forbidden\r\n") == 0);
  server.stop();
  server.join();
  CHECK(journal.text() ==
        "websocket.connect\nsent\nwebsocket.disconnect 1006 ''\nwebsocket.disconnect 1006 ''\n"
        "Disconnected\nDisconnected\n");
  CHECK(log.text() == "");
}

TEST_CASE("contracts 68, 85: a denial is sent at once, and told to a receive() that waits") {
  const std::vector<SendEvent> answers[] = {{WebSocketClose()}, {start(403), body("text")}};
  for (const std::vector<SendEvent>& events : answers) {
    Journal journal;
    Gate gate;
    Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
      const asgi::ReceiveEvent connect = co_await receive();
      const auto deny = [&]() -> awaitable<void> {
        for (const SendEvent& event : events) co_await send(event);
      };
      co_await (note_event(journal, receive) && deny());
      co_await gate.pass();
    });
    Client client(server.port());
    client.send(handshake());
    CHECK(client.read_until("\r\n\r\nt").starts_with("HTTP/1.1 403 "));
    journal.wait_for("websocket.disconnect 1006 ''");
    gate.open();
    client.read_to_end();
  }
}

TEST_CASE("contract 69: an application that returns without an answer is answered for with 500") {
  const Outcome outcome = outcome_of([](const Scope&, Receive receive, Send) -> awaitable<void> {
    const asgi::ReceiveEvent connect = co_await receive();
  });
  CHECK(outcome.answer == failure_answer);
  CHECK(outcome.log == "application returned without an answer to websocket.connect\n");
}

TEST_CASE("contract 69: so is one that fails before it answers") {
  const Outcome outcome = outcome_of([](const Scope&, Receive, Send) -> awaitable<void> {
    throw std::runtime_error("reason");
    co_return;
  });
  CHECK(outcome.answer == failure_answer);
  CHECK(outcome.log == "application failed: reason\n");
}

TEST_CASE("contract 70: a message first is an error") {
  const Outcome outcome = outcome_of(
      [](const Scope&, Receive, Send send) -> awaitable<void> { co_await send(message); });
  CHECK(outcome.answer == failure_answer);
  const SendEvent http = HttpResponseStart(200);
  const Outcome caught =
      outcomes({message, http, asgi::LifespanStartupComplete(), start(400), body("text")});
  CHECK(caught.log == "EventError\nEventError\nEventError\nsent\nsent\n");
  CHECK(caught.answer == plain_denial);
}

TEST_CASE("contract 80: a client that leaves before it is accepted") {
  for (const bool hard : {false, true}) {
    Journal journal;
    Running server([&](const Scope&, Receive receive, Send) -> awaitable<void> {
      co_await note_event(journal, receive);
      co_await note_event(journal, receive);
    });
    Client client(server.port());
    client.send(handshake());
    journal.wait_for("websocket.connect");
    client.leave(hard);
    journal.wait_for("websocket.disconnect 1006 ''");
  }
}

TEST_CASE("contract 80: an application may return quietly then") {
  const Log log;
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send) -> awaitable<void> {
    co_await note_event(journal, receive);
    co_await note_event(journal, receive);
  });
  Client client(server.port());
  client.send(handshake());
  client.leave();
  journal.wait_for("websocket.disconnect 1006 ''");
  server.stop();
  server.join();
  CHECK(log.text() == "");
}

TEST_CASE("contract 80: and each receive() tells it") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send) -> awaitable<void> {
    co_await note_event(journal, receive);
    co_await note_event(journal, receive);
    co_await note_event(journal, receive);
  });
  Client client(server.port());
  client.send(handshake());
  journal.wait_for("websocket.connect");
  std::this_thread::sleep_for(50ms);  // the application waits in receive()
  client.leave();
  journal.wait_for("websocket.disconnect 1006 ''");
  std::this_thread::sleep_for(50ms);
  CHECK(journal.text() ==
        "websocket.connect\nwebsocket.disconnect 1006 ''\nwebsocket.disconnect 1006 ''\n");
}

TEST_CASE("contract 80: also to an application that accepts nevertheless") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_event(journal, receive);
    co_await note_event(journal, receive);
    co_await note_sent(journal, send, WebSocketAccept());
    co_await note_event(journal, receive);
  });
  Client client(server.port());
  client.send(handshake());
  journal.wait_for("websocket.connect");
  std::this_thread::sleep_for(50ms);  // the application waits in receive()
  client.half_close();
  journal.wait_for("websocket.disconnect 1006 ''");
  std::this_thread::sleep_for(50ms);
  CHECK(journal.text() ==
        "websocket.connect\nwebsocket.disconnect 1006 ''\nsent\nwebsocket.disconnect 1006 ''\n");
}

TEST_CASE("contract 85: a response that denies the handshake") {
  CHECK(outcomes({start(400), body("text")}).answer == plain_denial);
  CHECK(outcomes({start(400, "4"), body("text")}).answer == plain_denial);
  constexpr auto chunked =
      "HTTP/1.1 401 Unauthorized\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
      "2\r\nte\r\n2\r\nxt\r\n0\r\n\r\n";
  CHECK(outcomes({start(401), body("te", true), body("xt")}).answer == chunked);
}

TEST_CASE("contract 85: a denial is sent as it comes") {
  Gate gate;
  Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(start(400, "4"));
    co_await send(body("te", true));
    co_await gate.pass();
    co_await send(body("xt"));
  });
  Client client(server.port());
  client.send(handshake());
  client.read_until("\r\n\r\nte");
  gate.open();
  CHECK(client.read_to_end() == "xt");
}

TEST_CASE("contract 85: a denial without a body is a head") {
  constexpr auto head = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
  CHECK(outcomes({start(404)}).answer == head);
  CHECK(outcomes({start(404), start(200)}).answer == head);
}

TEST_CASE("contract 85: events of a denial that are out of their order") {
  const Outcome early = outcomes({body("early"), start(400), body("text")});
  CHECK(early.log == "EventError\nsent\nsent\n");
  CHECK(early.answer == plain_denial);
  const Outcome between = outcomes({start(400), start(404), WebSocketAccept(), WebSocketClose(),
                                    message, HttpResponseBody("x"), body("text")});
  CHECK(between.log == "sent\nEventError\nEventError\nEventError\nEventError\nEventError\nsent\n");
  CHECK(between.answer == plain_denial);
  const Outcome late = outcomes({start(400), body("text"), body("late"), start(400)});
  CHECK(late.log == "sent\nsent\nEventError\nEventError\n");
  CHECK(late.answer == plain_denial);
}

TEST_CASE("contract 85: a body that is not as long as its content-length is an error") {
  for (const SendEvent& wrong :
       {SendEvent(body("too long")), SendEvent(body("too long", true)), SendEvent(body("x"))}) {
    const Outcome outcome = outcomes({start(400, "4"), wrong, body("text")});
    CHECK(outcome.log == "sent\nEventError\nsent\n");
    CHECK(outcome.answer == plain_denial);
  }
}

TEST_CASE("contract 85: an invalid denial that nobody mends is answered for with 500") {
  for (const SendEvent& wrong : {SendEvent(start(700)), SendEvent(start(101)),
                                 SendEvent(start(400, "four")), SendEvent(body("text"))}) {
    const Outcome outcome = outcome_of(
        [&](const Scope&, Receive, Send send) -> awaitable<void> { co_await send(wrong); });
    CHECK(outcome.answer == failure_answer);
  }
  const Outcome length = outcome_of([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(start(400, "4"));
    co_await send(body("too long"));
  });
  CHECK(length.answer == failure_answer);
  CHECK(length.log == "application failed: the body is longer than its content-length\n");
}

TEST_CASE("contract 85: a denial that lacks what it promised is a failure of the application") {
  const Outcome short_of_body = outcome_of(
      [](const Scope&, Receive, Send send) -> awaitable<void> { co_await send(start(400, "4")); });
  CHECK(short_of_body.answer == failure_answer);
  CHECK(short_of_body.log == "application failed: the body is shorter than its content-length\n");
  const Outcome cut_off = outcome_of([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(start(400, "4"));
    co_await send(body("te", true));
  });
  CHECK(cut_off.answer ==
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 4\r\nconnection: close\r\n\r\nte");
  CHECK(cut_off.log == "application returned before its response was complete\n");
}

TEST_CASE("contract 85: a denial that is left in the middle of its body does not look complete") {
  const Outcome cut_off = outcome_of([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(start(400));
    co_await send(body("half", true));
  });
  CHECK(cut_off.answer ==
        "HTTP/1.1 400 Bad Request\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        "4\r\nhalf\r\n");
  CHECK(cut_off.log == "application returned before its response was complete\n");
}

TEST_CASE("contract 85: a denial has no trailers") {
  const Outcome outcome = outcome_of([](const Scope&, Receive, Send send) -> awaitable<void> {
    WebSocketHttpResponseStart event = start(400);
    event.start.trailers = true;
    co_await send(event);
    co_await send(body("text"));
  });
  CHECK(outcome.answer == plain_denial);
  CHECK(outcome.log == "");
}

TEST_CASE("a denial without content ends as well when its client has gone") {
  const Log log;
  Journal journal;
  Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(start(204));
    try {
      for (;;) {
        co_await send(body("text", true));
        co_await wait(5ms);
      }
    } catch (const std::system_error&) {
      journal.add("end");
    }
  });
  Client client(server.port());
  client.send(handshake());
  client.read_until("\r\n\r\n");
  client.leave();
  journal.wait_for("end");
  server.stop();
  server.join();
  CHECK(log.text() == "");
}

TEST_CASE("contract 85: a denial that fails in the middle of its body is cut off") {
  const Outcome failed = outcome_of([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(start(400));
    co_await send(body("half", true));
    throw std::runtime_error("reason");
  });
  CHECK(failed.answer ==
        "HTTP/1.1 400 Bad Request\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        "4\r\nhalf\r\n");
  CHECK(failed.log == "application failed: reason\n");
}

TEST_CASE("contract 85: after a complete denial there is websocket.disconnect") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_event(journal, receive);
    co_await send(start(400));
    co_await send(body("text"));
    co_await note_event(journal, receive);
  });
  Client client(server.port());
  client.send(handshake());
  client.read_until("text");
  CHECK_FALSE(client.is_quiet_for(200ms));
  CHECK(journal.text() == "websocket.connect\nwebsocket.disconnect 1006 ''\n");
}
