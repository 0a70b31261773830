// Messages in both directions, and how many of them may wait.
#include <doctest/doctest.h>

#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <atomic>
#include <future>
#include <thread>

#include "client.hpp"
#include "frames.hpp"
#include "running.hpp"
#include "websocket/deflate.hpp"
#include "websocket_probe.hpp"

using asgi::WebSocketSend;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t large = 64 * 1024 * 1024;  // more than the system's buffers take
constexpr int queue_length = 32;  // messages that wait for the application
constexpr std::size_t queue_size = 64 * 1024;  // or octets in them

// An application that accepts, then takes no message before the gate is open.
asgi::App busy_app(Journal& journal, const Gate& gate) {
  return [&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    co_await gate.pass();
    co_await note_to_end(journal, receive);
  };
}

}  // namespace

TEST_CASE("contract 74: text and bytes, in both directions") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    co_await note_to_end(journal, receive);
  });
  Client client(server.port());
  open_websocket(client);
  client.send(text_frame("gr\xc3\xbc\xc3\x9f") + binary_frame("\xff\x01") + text_frame("") +
              binary_frame("") + frame(0x01, "frag") + ping_frame() + frame(0x80, "ment") +
              close_frame(1000));
  CHECK(frames_to_end(client) == "pong ''\nclose 1000 ''\n");
  server.stop();
  server.join();
  CHECK(journal.text() ==
        "websocket.receive text 'gr\xc3\xbc\xc3\x9f'\nwebsocket.receive bytes '\xff\x01'\n"
        "websocket.receive text ''\nwebsocket.receive bytes ''\n"
        "websocket.receive text 'fragment'\nwebsocket.disconnect 1000 ''\n");
}

TEST_CASE("contract 74: each message that is sent is a frame") {
  Running server([](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    for (const std::size_t size : {0, 125, 126, 65535, 65536}) {
      co_await send(WebSocketSend::of_text(std::string(size, 't')));
      co_await send(WebSocketSend::of_bytes(std::string(size, '\xff')));
    }
  });
  Client client(server.port());
  open_websocket(client);
  for (const std::size_t size : {0, 125, 126, 65535, 65536}) {
    CAPTURE(size);
    CHECK(next_frame(client) == "text '" + std::string(size, 't') + "'");
    CHECK(next_frame(client) == "bytes '" + std::string(size, '\xff') + "'");
  }
  CHECK(frames_to_end(client) == "close 1000 ''\n");
}

TEST_CASE("contract 74: a text that is not UTF-8 is an error, and nothing of it is sent") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    co_await note_sent(journal, send, WebSocketSend::of_text("caf\xe9"));
    co_await note_sent(journal, send, WebSocketSend::of_text("cut \xe2\x82"));
    co_await note_sent(journal, send, WebSocketSend::of_text("tea"));
  });
  Client client(server.port());
  open_websocket(client);
  CHECK(frames_to_end(client) == "text 'tea'\nclose 1000 ''\n");
  CHECK(journal.text() == "EventError\nEventError\nsent\n");
}

TEST_CASE("contract 83: a message may be as large as the limit, and no larger") {
  Journal journal;
  Options options = plain_options();
  options.ws_max_size = 10;
  Running server(
      [&](const Scope&, Receive receive, Send send) -> awaitable<void> {
        co_await accept(receive, send);
        co_await note_to_end(journal, receive);
      },
      options);
  Client client(server.port());
  open_websocket(client);
  client.send(text_frame("1234567890") + text_frame("12345678901"));
  CHECK(frames_to_end(client).starts_with("close 1009 '"));
  server.stop();
  server.join();
  CHECK(journal.text().find("websocket.receive text '1234567890'\nwebsocket.disconnect 1009 '") ==
        0);
}

TEST_CASE("contract 93: a silent client is pinged, and given up when that does not wake it") {
  Journal journal;
  Gate gate;
  gate.open();
  Options options = plain_options();
  options.ws_ping_interval = 1s;
  options.ws_ping_timeout = 1s;
  Running server(busy_app(journal, gate), options);
  Client client(server.port());
  open_websocket(client);
  CHECK(frames_to_end(client) == "ping ''\n");
  server.stop();
  server.join();  // the application has its end later than the connection
  CHECK(journal.text() == "websocket.disconnect 1006 ''\n");
}

TEST_CASE("control frames are answered while the application is busy") {
  Journal journal;
  Gate gate;
  Running server(busy_app(journal, gate));
  Client client(server.port());
  open_websocket(client);
  client.send(text_frame("1") + ping_frame("a") + text_frame("2") + ping_frame("b"));
  CHECK(next_frame(client) == "pong 'a'");
  CHECK(next_frame(client) == "pong 'b'");
  gate.open();
}

TEST_CASE("also behind as many messages as may wait for it, and so is a Close") {
  Journal journal;
  Gate gate;
  Running server(busy_app(journal, gate));
  Client client(server.port());
  open_websocket(client);
  std::string received;
  for (int i = 0; i < queue_length; ++i) {
    client.send(text_frame("x"));
    received += "websocket.receive text 'x'\n";
  }
  client.send(ping_frame("a") + close_frame(1000));
  CHECK(next_frame(client) == "pong 'a'");
  CHECK(next_frame(client) == "close 1000 ''");  // when the messages have had time for an answer
  gate.open();
  CHECK(frames_to_end(client) == "");
  server.stop();
  server.join();  // the application has its end later than the connection
  CHECK(journal.text() == received + "websocket.disconnect 1000 ''\n");
}

TEST_CASE("also behind as many octets as may wait for it") {
  Journal journal;
  Gate gate;
  Running server(busy_app(journal, gate));
  Client client(server.port());
  open_websocket(client);
  client.send(text_frame(std::string(queue_size, 'x')) + ping_frame("a"));
  CHECK(next_frame(client) == "pong 'a'");
  gate.open();
}

TEST_CASE("a client's Close ends the connection, however busy the application is") {
  // It is the server that closes it, at once (RFC 6455 section 5.5.1).
  Journal journal;
  Gate gate;
  Running server(busy_app(journal, gate));
  Client client(server.port());
  open_websocket(client);
  client.send(close_frame(1000));
  CHECK(next_frame(client) == "close 1000 ''");
  CHECK_FALSE(client.is_quiet_for(200ms));
  gate.open();
}

TEST_CASE("no more is read for an application that is busy, and nothing of it is lost") {
  for (const std::size_t size : {1000, 1000000}) {
    CAPTURE(size);
    Gate gate;
    std::atomic<std::size_t> received = 0;
    Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
      co_await accept(receive, send);
      co_await gate.pass();
      for (;;) {
        const asgi::ReceiveEvent event = co_await receive();
        const auto* const message = std::get_if<asgi::WebSocketReceive>(&event);
        if (!message) co_return;
        received += message->bytes->size();
      }
    });
    Client client(server.port());
    open_websocket(client);
    const std::string one = binary_frame(std::string(size, 'x'));
    std::string frames;
    while (frames.size() < large / 2) frames += one;
    const std::size_t sent = client.send_until_stuck(frames);
    CHECK(sent < frames.size());
    gate.open();
    client.send(std::string_view(frames).substr(sent));
    client.send(close_frame(1000));
    CHECK(frames_to_end(client) == "close 1000 ''\n");
    CHECK(received == frames.size() / one.size() * size);
  }
}

TEST_CASE("an application waits in send() for a client that does not read") {
  constexpr std::size_t size = 65536;
  constexpr std::size_t count = large / size;
  std::atomic<std::size_t> sent = 0;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    for (; sent < count; ++sent) co_await send(WebSocketSend::of_bytes(std::string(size, 'x')));
  });
  Client client(server.port(), 64 * 1024);
  open_websocket(client);
  std::size_t before = count;
  while (sent != before) {  // until it makes no progress any more
    before = sent;
    std::this_thread::sleep_for(100ms);
  }
  CHECK(before < count / 2);
  const std::string expected = "bytes '" + std::string(size, 'x') + "'";
  std::size_t whole = 0;
  while (next_frame(client) == expected) ++whole;
  CHECK(whole == count);
}

TEST_CASE("a client that does not read and leaves ends the send() that waits for it") {
  const Log log;
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    try {
      for (;;) co_await send(WebSocketSend::of_bytes(std::string(65536, 'x')));
    } catch (const std::system_error&) {
      journal.add("std::system_error");
      throw;
    }
  });
  Client client(server.port(), 64 * 1024);
  open_websocket(client);
  std::this_thread::sleep_for(50ms);
  client.leave();
  journal.wait_for("std::system_error");
  server.stop();
  server.join();
  CHECK(log.text() == "");
}

TEST_CASE("the answers to frames that came together leave in one write") {
  Running server([](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    co_await echo(receive, send);
  });
  for (const bool pings : {false, true}) {
    Client client(server.port());
    open_websocket(client);
    const std::size_t before = client.segments();
    std::string frames;
    for (int i = 0; i < 16; ++i) frames += pings ? ping_frame("Hello") : text_frame("Hello");
    client.send(frames);
    for (int i = 0; i < 16; ++i) {
      CHECK(next_frame(client) == (pings ? "pong 'Hello'" : "text 'Hello'"));
    }
    CHECK(client.segments() - before == 1);
  }
}

TEST_CASE("a message is sent at once, even if others wait for an application that only sends") {
  Gate first;
  Gate second;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    const asgi::ReceiveEvent taken = co_await receive();
    co_await send_text(send, "1");
    co_await first.pass();
    co_await send_text(send, "2");
    co_await second.pass();
  });
  Client client(server.port());
  open_websocket(client);
  client.send(text_frame("a") + text_frame("b") + text_frame("c"));
  CHECK(next_frame(client) == "text '1'");
  first.open();
  CHECK(next_frame(client) == "text '2'");
  second.open();
  CHECK(frames_to_end(client) == "close 1000 ''\n");
}

// The server's only thread is held until all of the message waits for it, compressed as it is.
// Then a request has its turns, which are counted, between the pieces of the message.
TEST_CASE("other clients have their turns while a large message is decompressed") {
  constexpr std::size_t mib = 1024 * 1024;
  constexpr int size = 48;  // MiB
  Journal journal;
  std::promise<void> release;
  bool received = false;
  int turns = 0;
  Options options = plain_options();
  options.ws_max_size = size * mib;
  Running server(
      [&](const Scope& scope, Receive receive, Send send) -> awaitable<void> {
        if (std::holds_alternative<asgi::WebSocketScope>(scope)) {
          co_await accept(receive, send);
          const asgi::ReceiveEvent message = co_await receive();
          received = true;
          co_return;
        }
        journal.add("held");
        release.get_future().wait();
        const auto executor = co_await asio::this_coro::executor;
        while (!received) {
          ++turns;
          co_await asio::post(executor, asio::use_awaitable);
        }
        co_await respond(send, 200, "text");
      },
      options);
  Client talking(server.port());
  open_websocket(talking, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  Client asking(server.port());
  asking.send(get("/"));
  journal.wait_for("held");
  talking.send(frame(0xc2, websocket::Deflater({}).compress(std::string(size * mib, 'x'))));
  release.set_value();
  asking.read_until("\r\n\r\ntext");
  CHECK(turns >= size);  // without them only as many as it takes to read the message
}
