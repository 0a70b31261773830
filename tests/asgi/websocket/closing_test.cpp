// The end of a WebSocket: Close from either side, no Close at all, a server that stops.
#include <doctest/doctest.h>

#include <stdexcept>

#include "client.hpp"
#include "frames.hpp"
#include "running.hpp"
#include "websocket_probe.hpp"

using asgi::WebSocketAccept;
using asgi::WebSocketClose;
using namespace std::chrono_literals;

namespace {

// An application that accepts and then does `rest`.
template <typename Rest>
asgi::App accepting(Rest rest) {
  return [rest](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    co_await rest(receive, send);
  };
}

struct Outcome {
  std::string frames;
  std::string log;
};

// What the client hears that says nothing, and what is logged.
Outcome outcome_of(asgi::App app) {
  const Log log;
  Running server(std::move(app));
  Client client(server.port());
  open_websocket(client);
  const std::string frames = frames_to_end(client);
  server.stop();
  server.join();
  return {frames, log.text()};
}

// What the application is told when that is all that its client says.
std::string told_of(std::string_view frames) {
  Journal journal;
  Running server(accepting([&](Receive receive, Send) { return note_to_end(journal, receive); }));
  Client client(server.port());
  open_websocket(client);
  client.send(frames);
  frames_to_end(client);
  server.stop();
  server.join();
  return journal.text();
}

}  // namespace

TEST_CASE("contract 71: a second websocket.accept is an error, and the WebSocket goes on") {
  Journal journal;
  Running server(accepting([&](Receive receive, Send send) -> awaitable<void> {
    co_await note_sent(journal, send, WebSocketAccept());
    co_await note_sent(journal, send, asgi::HttpResponseBody("text"));
    const asgi::WebSocketHttpResponseStart denial(asgi::HttpResponseStart(400));
    co_await note_sent(journal, send, denial);
    co_await echo(receive, send);
  }));
  Client client(server.port());
  open_websocket(client);
  client.send(text_frame("Hello"));
  CHECK(next_frame(client) == "text 'Hello'");
  CHECK(journal.text() == "EventError\nEventError\nEventError\n");
}

TEST_CASE("contract 72: an application that returns closes with 1000") {
  const Outcome outcome =
      outcome_of(accepting([](Receive, Send) -> awaitable<void> { co_return; }));
  CHECK(outcome.frames == "close 1000 ''\n");
  CHECK(outcome.log == "");
}

TEST_CASE("contracts 75, 79, 94: send() after websocket.close says that it is closed") {
  Journal journal;
  const Outcome outcome = outcome_of(accepting([&](Receive receive, Send send) -> awaitable<void> {
    co_await send_text(send, "last");
    co_await send(WebSocketClose());
    co_await note_sent(journal, send, asgi::WebSocketSend::of_text("late"));
    co_await note_sent(journal, send, WebSocketClose());
    co_await note_event(journal, receive);
    co_await send_text(send, "later");
  }));
  CHECK(outcome.frames == "text 'last'\nclose 1000 ''\n");
  CHECK(outcome.log == "");
  CHECK(journal.text() == "Disconnected\nDisconnected\nwebsocket.disconnect 1000 ''\n");
}

TEST_CASE("contract 76: code and reason are those of the application") {
  for (const std::uint16_t code : {1000, 1001, 1011, 3000, 4999}) {
    for (const std::string reason : {"", "test", "\xe2\x82\xac"}) {
      const auto close = [&](Receive, Send send) -> awaitable<void> {
        co_await send(WebSocketClose(code, reason));
      };
      const std::string expected = "close " + std::to_string(code) + " '" + reason + "'\n";
      CHECK(outcome_of(accepting(close)).frames == expected);
    }
  }
}

TEST_CASE("contract 76: a reason is cut to what a frame takes, between two characters") {
  std::string long_reason(122, 'x');
  long_reason += "\xe2\x82\xac";
  const auto close = [&](Receive, Send send) -> awaitable<void> {
    co_await send(WebSocketClose(1000, long_reason));
  };
  CHECK(outcome_of(accepting(close)).frames == "close 1000 '" + std::string(122, 'x') + "'\n");
}

TEST_CASE("contract 76: a code that is not sent is an error, and the WebSocket goes on") {
  Journal journal;
  const Outcome outcome = outcome_of(accepting([&](Receive, Send send) -> awaitable<void> {
    for (const std::uint16_t code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
      co_await note_sent(journal, send, WebSocketClose(code));
    }
    co_await send(WebSocketClose(4000));
  }));
  std::string errors;
  for (int i = 0; i < 8; ++i) errors += "EventError\n";
  CHECK(journal.text() == errors);
  CHECK(outcome.frames == "close 4000 ''\n");
}

TEST_CASE("contract 76: a reason is UTF-8") {
  Journal journal;
  const Outcome outcome = outcome_of(accepting([&](Receive, Send send) -> awaitable<void> {
    co_await note_sent(journal, send, WebSocketClose(1000, "caf\xe9"));
    co_await note_sent(journal, send, WebSocketClose(1000, "tea"));
  }));
  CHECK(journal.text() == "EventError\nsent\n");
  CHECK(outcome.frames == "close 1000 'tea'\n");
}

TEST_CASE("a Close is answered with the reason that it has") {
  for (const std::string& reason : {std::string(), std::string("going"), std::string(123, '*')}) {
    Journal journal;
    Running server(accepting([&](Receive receive, Send) { return note_to_end(journal, receive); }));
    Client client(server.port());
    open_websocket(client);
    client.send(close_frame(1000, reason));
    CHECK(frames_to_end(client) == "close 1000 '" + reason + "'\n");
  }
}

TEST_CASE("contract 77: the application is told the code and the reason of the client") {
  CHECK(told_of(close_frame(1001, "custom reason")) ==
        "websocket.disconnect 1001 'custom reason'\n");
  CHECK(told_of(close_frame(4321)) == "websocket.disconnect 4321 ''\n");
  CHECK(told_of(close_frame()) == "websocket.disconnect 1005 ''\n");
}

TEST_CASE("contract 77: websocket.disconnect is a state, which each receive() tells") {
  Journal journal;
  Running server(accepting([&](Receive receive, Send) -> awaitable<void> {
    for (int i = 0; i < 3; ++i) co_await note_event(journal, receive);
  }));
  Client client(server.port());
  open_websocket(client);
  client.send(close_frame(1001, "x"));
  CHECK(frames_to_end(client) == "close 1001 'x'\n");
  server.stop();
  server.join();
  const std::string line = "websocket.disconnect 1001 'x'\n";
  CHECK(journal.text() == line + line + line);
}

TEST_CASE("contract 77: a client that breaks a rule is told, and so is the application") {
  const std::string told = told_of(text_frame("good") + text_frame("\xff"));
  CHECK(told.find("websocket.receive text 'good'\nwebsocket.disconnect 1007 '") == 0);
}

TEST_CASE("contract 78: a connection that is lost is told at once") {
  for (const bool hard : {false, true}) {
    Journal journal;
    Running server(accepting([&](Receive receive, Send) { return note_to_end(journal, receive); }));
    Client client(server.port());
    open_websocket(client);
    client.send(text_frame("last"));
    journal.wait_for("websocket.receive text 'last'");
    client.leave(hard);
    journal.wait_for("websocket.disconnect 1006 ''");
  }
}

TEST_CASE("contract 79: send() to a client that has gone throws, which is not logged") {
  for (const bool hard : {false, true}) {
    const Log log;
    Journal journal;
    Running server(accepting([&](Receive receive, Send send) -> awaitable<void> {
      co_await note_event(journal, receive);
      co_await note_sent(journal, send, asgi::WebSocketSend::of_text("late"));
      co_await note_sent(journal, send, WebSocketClose());
      co_await send_text(send, "later");
    }));
    Client client(server.port());
    open_websocket(client);
    client.leave(hard);
    journal.wait_for("websocket.disconnect 1006 ''");
    server.stop();
    server.join();
    CHECK(journal.text() == "websocket.disconnect 1006 ''\nDisconnected\nDisconnected\n");
    CHECK(log.text() == "");
  }
}

TEST_CASE("contract 79: send() throws although the application has not received the end") {
  const Log log;
  Journal journal;
  Running server(accepting([&](Receive, Send send) -> awaitable<void> {
    try {
      for (;;) {
        co_await send_text(send, "tick");
        co_await wait(5ms);
      }
    } catch (const std::system_error&) {
      journal.add("std::system_error");
      throw;
    }
  }));
  Client closing(server.port());
  open_websocket(closing);
  closing.send(close_frame(1000));
  CHECK(frames_to_end(closing).ends_with("close 1000 ''\n"));
  Client leaving(server.port());
  open_websocket(leaving);
  leaving.leave();
  server.stop();
  server.join();
  CHECK(journal.text() == "std::system_error\nstd::system_error\n");
  CHECK(log.text() == "");
}

TEST_CASE("contract 81: a server that stops closes with 1012, and tells the application") {
  Journal journal;
  Running server(accepting([&](Receive receive, Send) { return note_to_end(journal, receive); }));
  Client client(server.port());
  open_websocket(client);
  server.stop();
  CHECK(frames_to_end(client) == "close 1012 ''\n");
  server.join();
  CHECK(journal.text() == "websocket.disconnect 1012 ''\n");
}

TEST_CASE("contract 81: it closes while the application is busy, and waits for that") {
  Journal journal;
  Gate gate;
  Running server(accepting([&](Receive receive, Send send) -> awaitable<void> {
    co_await gate.pass();
    co_await note_sent(journal, send, asgi::WebSocketSend::of_text("late"));
    co_await note_event(journal, receive);
  }));
  Client client(server.port());
  open_websocket(client);
  server.stop();
  CHECK(next_frame(client) == "close 1012 ''");
  client.send(close_frame(1012));
  gate.open();
  CHECK(frames_to_end(client) == "");
  server.join();
  CHECK(journal.text() == "Disconnected\nwebsocket.disconnect 1012 ''\n");
}

TEST_CASE("contract 81: an application that does not end is cut off when the time is up") {
  Options options = plain_options();
  options.timeout_graceful_shutdown = 1s;
  Running server(accepting([](Receive, Send) { return wait(1h); }), options);
  Client client(server.port());
  open_websocket(client);
  server.stop();
  CHECK(frames_to_end(client) == "close 1012 ''\n");
  server.join();
}

TEST_CASE("contract 81: a handshake that is not accepted yet ends too") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send) -> awaitable<void> {
    co_await note_event(journal, receive);
    co_await note_event(journal, receive);
  });
  Client client(server.port());
  client.send(handshake());
  journal.wait_for("websocket.connect");
  server.stop();
  CHECK(client.read_to_end().starts_with("HTTP/1.1 503 "));
  CHECK(journal.text() == "websocket.connect\nwebsocket.disconnect 1006 ''\n");
}

TEST_CASE("contract 86: messages before a Close are received before it is told") {
  Journal journal;
  Gate gate;
  Running server(accepting([&](Receive receive, Send) -> awaitable<void> {
    co_await gate.pass();
    co_await note_to_end(journal, receive);
  }));
  Client client(server.port());
  open_websocket(client);
  client.send(text_frame("1") + text_frame("2") + text_frame("3") + close_frame(1000, "bye"));
  CHECK(client.is_quiet_for(100ms));
  gate.open();
  CHECK(frames_to_end(client) == "close 1000 'bye'\n");
  server.stop();
  server.join();
  CHECK(journal.text() ==
        "websocket.receive text '1'\nwebsocket.receive text '2'\nwebsocket.receive text '3'\n"
        "websocket.disconnect 1000 'bye'\n");
}

TEST_CASE("contract 86: so are those before the end of the connection") {
  for (const bool hard : {false, true}) {
    Journal journal;
    Gate gate;
    Running server(accepting([&](Receive receive, Send) -> awaitable<void> {
      co_await note_event(journal, receive);
      co_await gate.pass();
      co_await note_to_end(journal, receive);
    }));
    Client client(server.port());
    open_websocket(client);
    client.send(text_frame("1") + text_frame("2"));
    journal.wait_for("websocket.receive text '1'");
    client.leave(hard);
    gate.open();
    journal.wait_for("websocket.disconnect 1006 ''");
    CHECK(journal.text().find("websocket.receive text '2'\n") != std::string::npos);
  }
}

TEST_CASE("contract 86: all that answers the last message is heard before the server's Close") {
  Running server(accepting([](Receive receive, Send send) -> awaitable<void> {
    const asgi::ReceiveEvent message = co_await receive();
    for (const char* const answer : {"1", "2", "3"}) {
      co_await wait(30ms);
      co_await send_text(send, answer);
    }
    const asgi::ReceiveEvent disconnect = co_await receive();
  }));
  Client client(server.port());
  open_websocket(client);
  client.send(text_frame("last") + close_frame(1000));
  CHECK(frames_to_end(client) == "text '1'\ntext '2'\ntext '3'\nclose 1000 ''\n");
}

TEST_CASE("contract 92: an application that fails closes with 1011") {
  const auto fail = [](Receive, Send send) -> awaitable<void> {
    co_await send_text(send, "last");
    throw std::runtime_error("reason");
  };
  const Outcome outcome = outcome_of(accepting(fail));
  CHECK(outcome.frames == "text 'last'\nclose 1011 ''\n");
  CHECK(outcome.log == "application failed: reason\n");
  const auto send_wrong = [](Receive, Send send) -> awaitable<void> {
    co_await send(WebSocketAccept());
  };
  CHECK(outcome_of(accepting(send_wrong)).frames == "close 1011 ''\n");
}
