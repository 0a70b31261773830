// What the access log has about a WebSocket: the status that answered its handshake.
#include <doctest/doctest.h>

#include <stdexcept>

#include "client.hpp"
#include "frames.hpp"
#include "running.hpp"
#include "websocket_probe.hpp"

using asgi::WebSocketAccept;
using asgi::WebSocketClose;
using asgi::WebSocketHttpResponseBody;
using asgi::WebSocketHttpResponseStart;

namespace {

Options logging_options() {
  Options options = plain_options();
  options.access_log = true;
  return options;
}

std::string line(std::string_view status) {
  return "127.0.0.1 \"GET / HTTP/1.1\" " + std::string(status) + '\n';
}

// What is logged about one handshake, which is not accepted.
std::string logged(asgi::App app) {
  const Log log;
  Running server(std::move(app), logging_options());
  exchange(server.port(), handshake());
  server.stop();
  server.join();
  return log.text();
}

}  // namespace

TEST_CASE("the access log has 101, however the WebSocket ends") {
  const Log log;
  Running server(
      [](const Scope&, Receive receive, Send send) -> awaitable<void> {
        co_await accept(receive, send);
        throw std::runtime_error("reason");
      },
      logging_options());
  Client client(server.port());
  open_websocket(client);
  CHECK(frames_to_end(client) == "close 1011 ''\n");
  server.stop();
  server.join();
  CHECK(log.text() == "application failed: reason\n" + line("101"));
}

TEST_CASE("the access log has the status of a denial") {
  const auto close = [](const Scope&, Receive receive, Send send) -> awaitable<void> {
    const asgi::ReceiveEvent connect = co_await receive();
    co_await send(WebSocketClose());
    throw std::runtime_error("reason");
  };
  const std::string log = logged(close);
  CHECK(log.find(line("403")) != log.npos);
  CHECK(log.find("application failed: reason\n") != log.npos);
  const auto respond = [](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(WebSocketHttpResponseStart(HttpResponseStart(404)));
    co_await send(WebSocketHttpResponseBody(HttpResponseBody("none")));
  };
  CHECK(logged(respond) == line("404"));
  const auto head_only = [](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(WebSocketHttpResponseStart(HttpResponseStart(410)));
  };
  CHECK(logged(head_only) == line("410"));
}

TEST_CASE("the access log has 500 where the application does not answer the handshake") {
  const auto fail = [](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(WebSocketHttpResponseStart(HttpResponseStart(404)));
    throw std::runtime_error("reason");
  };
  CHECK(logged(fail) == "application failed: reason\n" + line("500"));
  const auto nothing = [](const Scope&, Receive, Send) -> awaitable<void> { co_return; };
  CHECK(logged(nothing) ==
        "application returned without an answer to websocket.connect\n" + line("500"));
}

TEST_CASE("the access log has 503 where the server stops first, and no status for who has left") {
  for (const bool leaves : {false, true}) {
    CAPTURE(leaves);
    const Log log;
    Journal journal;
    Running server(
        [&](const Scope&, Receive receive, Send) { return note_to_end(journal, receive); },
        logging_options());
    Client client(server.port());
    client.send(handshake());
    journal.wait_for("websocket.connect");
    if (leaves) {
      client.leave();
      journal.wait_for("websocket.disconnect 1006 ''");
      server.stop();
    } else {
      server.stop();
      CHECK(client.read_to_end().starts_with("HTTP/1.1 503 "));
    }
    server.join();
    CHECK(log.text() == line(leaves ? "-" : "503"));
  }
}
