// Two coroutines of one application with one WebSocket, and coroutines that it cancels.
#include <doctest/doctest.h>

#include <asio/experimental/awaitable_operators.hpp>
#include <string>
#include <thread>

#include "client.hpp"
#include "frames.hpp"
#include "running.hpp"
#include "websocket_probe.hpp"

using asgi::WebSocketAccept;
using asgi::WebSocketClose;
using asgi::WebSocketSend;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

namespace {

// A text of one letter; its size is one of many, in an order that is the letter's own.
std::string letters(char letter, int number) {
  return std::string(static_cast<std::size_t>(number * letter) * 977 % 100000, letter);
}

awaitable<void> send_letters(Send send, char letter, int count) {
  for (int i = 1; i <= count; ++i) co_await send_text(send, letters(letter, i));
}

awaitable<void> accept_later(Send send) {
  co_await wait(30ms);
  co_await send(WebSocketAccept());
}

awaitable<void> accept_and_close(Send send) {
  co_await send(WebSocketAccept());
  co_await send(WebSocketClose());
}

}  // namespace

TEST_CASE("messages of two coroutines do not mix, and each one's are in order") {
  constexpr int count = 100;
  Running server([](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    co_await (send_letters(send, 'a', count) && send_letters(send, 'b', count));
  });
  Client client(server.port(), 16 * 1024);
  open_websocket(client);
  int seen[2] = {0, 0};
  for (int i = 0; i < 2 * count; ++i) {
    const std::string next = next_frame(client);
    const char letter = next.find('b') == next.npos ? 'a' : 'b';
    REQUIRE((next == "text '" + letters(letter, ++seen[letter - 'a']) + "'"));
  }
  CHECK(frames_to_end(client) == "close 1000 ''\n");
}

TEST_CASE("pongs do not mix with a message that is being sent") {
  constexpr std::size_t size = 8 * 1024 * 1024;
  Running server([](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    co_await send_text(send, std::string(size, 'x'));
    co_await echo(receive, send);
  });
  Client client(server.port(), 16 * 1024);
  open_websocket(client);
  for (int i = 0; i < 3; ++i) client.send(ping_frame("?"));
  std::this_thread::sleep_for(30ms);
  client.send(close_frame(1000));
  CHECK((next_frame(client) == "text '" + std::string(size, 'x') + "'"));
  CHECK(frames_to_end(client) == "pong '?'\npong '?'\npong '?'\nclose 1000 ''\n");
}

TEST_CASE("a client is heard by an application that always has more to send") {
  Running server([](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    for (;;) co_await send_text(send, std::string(16 * 1024, 'a'));
  });
  Client client(server.port());
  open_websocket(client);
  const auto answered = [&](const std::string& answer) {
    for (int i = 0; i < 3000; ++i) {
      if (next_frame(client) == answer) return true;
    }
    return false;
  };
  for (const std::string text : {"1", "2", "3"}) {
    client.send(ping_frame(text));
    REQUIRE(answered("pong '" + text + "'"));
  }
  client.send(close_frame(1000));
  REQUIRE(answered("close 1000 ''"));
}

TEST_CASE("a second receive() beside the first is an error, and takes nothing from it") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    co_await (note_event(journal, receive) && note_event(journal, receive));
    co_await note_event(journal, receive);
  });
  Client client(server.port());
  open_websocket(client);
  journal.wait_for("EventError");
  client.send(text_frame("1") + text_frame("2"));
  CHECK(frames_to_end(client) == "close 1000 ''\n");
  CHECK(journal.text() == "EventError\nwebsocket.receive text '1'\nwebsocket.receive text '2'\n");
}

TEST_CASE("so it is before the WebSocket is accepted") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_event(journal, receive);
    co_await (note_event(journal, receive) && note_event(journal, receive) && accept_later(send));
  });
  Client client(server.port());
  client.send(handshake() + text_frame("1"));
  client.read_until("\r\n\r\n");
  CHECK(frames_to_end(client) == "close 1000 ''\n");
  CHECK(journal.text() == "websocket.connect\nEventError\nwebsocket.receive text '1'\n");
}

TEST_CASE("a receive() that waits while the other coroutine accepts gets the first message") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_event(journal, receive);
    co_await (note_to_end(journal, receive) && accept_later(send));
  });
  Client client(server.port());
  open_websocket(client);
  client.send(text_frame("1") + close_frame(1000));
  CHECK(frames_to_end(client) == "close 1000 ''\n");
  server.stop();
  server.join();
  CHECK(journal.text() ==
        "websocket.connect\nwebsocket.receive text '1'\nwebsocket.disconnect 1000 ''\n");
}

TEST_CASE("a receive() that waits while the other coroutine accepts and closes is told the end") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_event(journal, receive);
    co_await (note_to_end(journal, receive) && accept_and_close(send));
  });
  Client client(server.port());
  open_websocket(client);
  CHECK(frames_to_end(client) == "close 1000 ''\n");
  server.stop();
  server.join();
  CHECK(journal.text() == "websocket.connect\nwebsocket.disconnect 1000 ''\n");
}

TEST_CASE("a receive() that is cancelled leaves a later websocket.accept working") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    const asgi::ReceiveEvent connect = co_await receive();
    co_await (receive() || wait(30ms));
    co_await send(WebSocketAccept());
    co_await (receive() || wait(30ms));
    journal.add("cancelled twice");
    co_await echo(receive, send);
  });
  Client client(server.port());
  open_websocket(client);
  journal.wait_for("cancelled twice");
  client.send(text_frame("Hello") + ping_frame("?") + close_frame(1000));
  std::string frames = frames_to_end(client);
  CHECK(frames == "pong '?'\ntext 'Hello'\nclose 1000 ''\n");
}

TEST_CASE("a stream and its watcher: the end of the WebSocket ends both") {
  for (const bool hard : {false, true}) {
    const Log log;
    Journal journal;
    Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
      co_await accept(receive, send);
      co_await (note_to_end(journal, receive) || send_letters(send, 'a', 1000000));
      journal.add("end");
    });
    Client client(server.port(), 16 * 1024);
    open_websocket(client);
    next_frame(client);
    client.leave(hard);
    journal.wait_for("end");
    server.stop();
    server.join();
    CHECK(log.text() == "");
  }
}
