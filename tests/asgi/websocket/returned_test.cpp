// Coroutines that an application has started, and that go on when it has returned: as in
// ../returned_test.cpp, for a WebSocket.
#include <doctest/doctest.h>

#include "client.hpp"
#include "frames.hpp"
#include "running.hpp"
#include "websocket_probe.hpp"

using asgi::WebSocketSend;
using namespace std::chrono_literals;

namespace {

awaitable<void> wait_in_receive(Journal& journal, Receive receive) {
  journal.add("waits");
  co_await note_event(journal, receive);
}

awaitable<void> call_later(Journal& journal, const Gate& gate, Receive receive, Send send) {
  co_await gate.pass();
  co_await note_event(journal, receive);
  co_await note_sent(journal, send, WebSocketSend::of_text("text"));
  journal.add("end");
}

}  // namespace

TEST_CASE("after the application has returned receive() and send() throw, for a WebSocket") {
  Journal journal;
  Gate gate;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    co_await leave_behind(call_later(journal, gate, receive, send));
  });
  Client client(server.port());
  open_websocket(client);
  CHECK(frames_to_end(client) == "close 1000 ''\n");
  gate.open();
  journal.wait_for("end");
  CHECK(journal.text() == "EventError\nEventError\nend\n");
}

TEST_CASE("a receive() that waits when the application of a WebSocket returns is ended") {
  Journal journal;
  Running server([&](const Scope& scope, Receive receive, Send send) -> awaitable<void> {
    const bool accepts = std::get<asgi::WebSocketScope>(scope).path == "/";
    const asgi::ReceiveEvent connect = co_await receive();
    if (accepts) co_await send(asgi::WebSocketAccept());
    co_await leave_behind(wait_in_receive(journal, receive));
    co_await until(journal, "waits");
  });
  SUBCASE("which is open") {
    Client client(server.port());
    open_websocket(client);
    CHECK(frames_to_end(client) == "close 1000 ''\n");
  }
  SUBCASE("which is not accepted") {
    std::string request = handshake();
    request.replace(0, std::string_view("GET /").size(), "GET /none");
    CHECK(exchange(server.port(), request).starts_with("HTTP/1.1 500 "));
  }
  server.stop();
  server.join();
  CHECK(journal.text() == "waits\nEventError\n");
}

TEST_CASE("a send() that waits when the application of a WebSocket returns is ended") {
  constexpr std::size_t large = 16 * 1024 * 1024;  // octets: more than a socket takes unread
  const auto send_large = [](Journal& journal, Send send) -> awaitable<void> {
    journal.add("sends");
    co_await note_sent(journal, send, WebSocketSend::of_bytes(std::string(large, 'b')));
  };
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await accept(receive, send);
    co_await leave_behind(send_large(journal, send));
    co_await until(journal, "sends");
    journal.add("returns");
  });
  Client client(server.port(), 16 * 1024);
  open_websocket(client);
  journal.wait_for("returns");
  CHECK(frames_to_end(client).ends_with("close 1000 ''\n"));
  server.stop();
  server.join();
  CHECK(journal.text() == "sends\nreturns\nEventError\n");
}

TEST_CASE("a websocket.accept whose awaitable is dropped has opened the WebSocket") {
  Running server([](const Scope&, Receive receive, Send send) -> awaitable<void> {
    const asgi::ReceiveEvent connect = co_await receive();
    { const auto dropped = send(asgi::WebSocketAccept()); }
    co_await echo(receive, send);
  });
  Client client(server.port());
  open_websocket(client);
  client.send(text_frame("Hello") + close_frame(1000));
  CHECK(frames_to_end(client) == "text 'Hello'\nclose 1000 ''\n");
}
