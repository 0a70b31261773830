// The opening handshake: what an application is told of it, and what it answers.
#include <doctest/doctest.h>

#include <memory>

#include "client.hpp"
#include "frames.hpp"
#include "kept_scope.hpp"
#include "running.hpp"
#include "websocket_probe.hpp"

using asgi::Headers;
using asgi::WebSocketAccept;
using asgi::WebSocketScope;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace {

constexpr auto deflate_offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

awaitable<void> echo_app(const Scope&, Receive receive, Send send) {
  co_await accept(receive, send);
  co_await echo(receive, send);
}

// What replaces `from` in the request of a handshake.
std::string handshake_with(std::string_view from, std::string_view to) {
  std::string request = handshake("Connection: close\r\n");
  return request.replace(request.find(from), from.size(), to);
}

// The scope of one WebSocket, as an application has seen it.
KeptScope scope_of(std::string_view request, const Options& options = plain_options()) {
  KeptScope seen;
  Running server(
      [&](const Scope& scope, Receive receive, Send send) -> awaitable<void> {
        const WebSocketScope& shown = std::get<WebSocketScope>(scope);
        seen = KeptScope(shown);
        seen.subprotocols = shown.subprotocols;
        co_await accept(receive, send);
      },
      options);
  Client client(server.port());
  client.send(request);
  client.read_until("\r\n\r\n");
  frames_to_end(client);
  server.stop();
  server.join();
  return seen;
}

// What an application is told that tries `first` and then accepts without more; the last head.
struct Outcome {
  std::string journal;
  std::string head;
};

Outcome outcome_of(const WebSocketAccept& first, std::string_view fields = "") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_event(journal, receive);
    co_await note_sent(journal, send, first);
    co_await note_sent(journal, send, WebSocketAccept());
  });
  Client client(server.port());
  const std::string head = undated(open_websocket(client, fields));
  frames_to_end(client);
  return {journal.text(), head};
}

const std::string plain_head =
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

}  // namespace

TEST_CASE("contracts 58, 66: an application hears nothing of a handshake that is not valid") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send) -> awaitable<void> {
    co_await note_event(journal, receive);
  });
  const std::string version = exchange(server.port(), handshake_with("13", "11"));
  CHECK(version.find("HTTP/1.1 426 ") == 0);
  CHECK(version.find("\r\nsec-websocket-version: 13\r\n") != version.npos);
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  CHECK(exchange(server.port(), handshake_with(key, "")).find("HTTP/1.1 400 ") == 0);
  CHECK(exchange(server.port(), handshake_with("==", "=")).find("HTTP/1.1 400 ") == 0);
  CHECK(journal.text() == "");
}

TEST_CASE("contract 67: the handshake is complete when the application accepts, not before") {
  Journal journal;
  Gate gate;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_event(journal, receive);
    co_await gate.pass();
    co_await note_sent(journal, send, WebSocketAccept());
    co_await echo(receive, send);
  });
  Client client(server.port());
  client.send(handshake());
  journal.wait_for("websocket.connect");
  CHECK(client.is_quiet_for(100ms));
  gate.open();
  CHECK(undated(client.read_until("\r\n\r\n")) == plain_head);
  client.send(text_frame("Hello"));
  CHECK(next_frame(client) == "text 'Hello'");
}

TEST_CASE("contract 73: the whole scope") {
  std::string request = handshake("X-Odd: a\tb \xe2\x82\xac \xff!\r\n");
  request.replace(0, std::string_view("GET /").size(), "GET /one%2Ftwo?q=%20&r");
  Options options = plain_options();
  options.root_path = "/app";
  const KeptScope scope = scope_of(request, options);
  CHECK(scope.http_version == "1.1");
  CHECK(scope.scheme == "ws");
  CHECK(scope.path == "/app/one/two");
  CHECK(scope.raw_path == "/app/one%2Ftwo");
  CHECK(scope.query_string == "q=%20&r");
  CHECK(scope.root_path == "/app");
  CHECK(scope.header("x-odd") == "a\tb \xe2\x82\xac \xff!");
  CHECK(scope.header("upgrade") == "websocket");
  CHECK(scope.headers.size() == 6);
  REQUIRE(scope.client);
  CHECK(scope.client->host == "127.0.0.1");
  REQUIRE(scope.server);
  CHECK(scope.server->port != scope.client->port);
  CHECK(scope.state.empty());
  CHECK(scope.subprotocols.empty());
  REQUIRE(scope.extensions.size() == 1);
  CHECK(scope.extensions[0] == "websocket.http.response");
}

TEST_CASE("contract 73: headers of websocket.accept are sent as they are") {
  Headers headers{{"X-Odd", "a\tb \xe2\x82\xac \xff!"}, {"set-cookie", "a=b"}};
  headers.emplace_back("set-cookie", "c=d");
  const std::string head = outcome_of(WebSocketAccept("", headers)).head;
  CHECK(
      head.ends_with("\r\nX-Odd: a\tb \xe2\x82\xac \xff!\r\nset-cookie: a=b\r\n"
                     "set-cookie: c=d\r\n\r\n"));
}

TEST_CASE("contract 73: headers that would split the answer, or choose a subprotocol, are errors") {
  const Headers wrong = {{"x", "a\r\ny: b"}, {"x\r\ny", "b"}, {"x", std::string(1, '\0')},
                         {"", "a"},          {"x y", "a"},    {"Sec-WebSocket-Protocol", "v1"}};
  for (const auto& header : wrong) {
    CAPTURE(header.first);
    const Headers headers{header};
    const Outcome outcome =
        outcome_of(WebSocketAccept("", headers), "Sec-WebSocket-Protocol: v1\r\n");
    CHECK(outcome.journal == "websocket.connect\nEventError\nsent\n");
    CHECK(outcome.head == plain_head);
  }
}

TEST_CASE(
    "contract 73: headers that are the server's own affair are not sent twice") {  // whether they
                                                                                   // are errors or
                                                                                   // passed over
  for (const char* const name :
       {"Upgrade", "Connection", "Sec-WebSocket-Accept", "Sec-WebSocket-Extensions",
        "Content-Length", "Transfer-Encoding"}) {  // RFC 9110 section 8.6, RFC 9112 section 6.1
    const Headers headers{{name, "1"}};
    CHECK(outcome_of(WebSocketAccept("", headers)).head == plain_head);
  }
}

TEST_CASE("contract 82: the subprotocols that the client offers, and the one that is chosen") {
  constexpr auto offer = "Sec-WebSocket-Protocol: v1, v2\r\nsec-websocket-protocol: v3\r\n";
  const std::vector<std::string> offered = {"v1", "v2", "v3"};
  CHECK(scope_of(handshake(offer)).subprotocols == offered);
  const std::string head = outcome_of(WebSocketAccept("v2"), offer).head;
  CHECK(head.ends_with("\r\nsec-websocket-protocol: v2\r\n\r\n"));
  CHECK(outcome_of(WebSocketAccept(), offer).head == plain_head);
}

TEST_CASE("contract 82: a subprotocol that was not offered is an error") {
  for (const auto fields : {"", "Sec-WebSocket-Protocol: v1, v2\r\n"}) {
    const Outcome outcome = outcome_of(WebSocketAccept("V1"), fields);
    CHECK(outcome.journal == "websocket.connect\nEventError\nsent\n");
    CHECK(outcome.head == plain_head);
  }
}

TEST_CASE("the answer to a handshake has a date, as all answers have") {
  Running server(echo_app);
  Client client(server.port());
  CHECK(open_websocket(client).find("\r\ndate: ") != std::string::npos);
}

TEST_CASE("contract 84: messages are compressed for a client that offers it") {
  Running server(echo_app);
  Client client(server.port());
  const std::string head = open_websocket(client, deflate_offer);
  CHECK(head.find("\r\nsec-websocket-extensions: permessage-deflate\r\n") != head.npos);
  client.send(frame(0xc1, "\xf2\x48\xcd\xc9\xc9\x07\0"sv));  // RFC 7692 section 7.2.3.1
  CHECK(next_frame(client) == "text 'Hello'");
  client.send(text_frame(std::string(1000, 'x')));
  CHECK(next_frame(client).starts_with("compressed text '"));
}

TEST_CASE("contract 84: unless that is switched off") {
  Options options = plain_options();
  options.ws_per_message_deflate = false;
  Running server(echo_app, options);
  Client client(server.port());
  CHECK(undated(open_websocket(client, deflate_offer)) == plain_head);
  client.send(text_frame(std::string(1000, 'x')));
  CHECK(next_frame(client).starts_with("text '"));
}

TEST_CASE("contract 87: there is a date in the answer, and no server") {
  Running server(echo_app);
  Client client(server.port());
  const std::string head = open_websocket(client);
  CHECK(head.find("\r\ndate: ") != head.npos);
  CHECK(head.find("\r\nserver: ") == head.npos);
}

TEST_CASE("contract 87: a date of the application replaces that of the server") {
  Running server([](const Scope&, Receive receive, Send send) -> awaitable<void> {
    const asgi::ReceiveEvent connect = co_await receive();
    Headers headers{{"Date", "today"}};
    co_await send(WebSocketAccept("", std::move(headers)));
  });
  Client client(server.port());
  const std::string head = open_websocket(client);
  CHECK(head.find("\r\nDate: today\r\n") != head.npos);
  CHECK(head.find("\r\ndate: ") == head.npos);
}

TEST_CASE("contract 88: each WebSocket has a shallow copy of the state") {
  Journal journal;
  Running server(
      [&](const Scope& scope, Receive receive, Send send) -> awaitable<void> {
        if (const auto* const life = std::get_if<asgi::LifespanScope>(&scope)) {
          life->state["a"] = 123;
          life->state["b"] = std::make_shared<int>(1);
          const asgi::ReceiveEvent startup = co_await receive();
          co_await send(asgi::LifespanStartupComplete());
          co_return;
        }
        asgi::State state = std::get<WebSocketScope>(scope).state;
        journal.add(std::to_string(std::any_cast<int>(state["a"])) + ' ' +
                    std::to_string((*std::any_cast<std::shared_ptr<int>>(state["b"]))++));
        state["a"] = 456;
        co_await accept(receive, send);
      },
      lifespan_options(Lifespan::on));
  for (int i = 0; i < 2; ++i) {
    Client client(server.port());
    open_websocket(client);
    frames_to_end(client);
  }
  CHECK(journal.text() == "123 1\n123 2\n");
}

TEST_CASE("contract 89: what does not ask for a WebSocket is a plain request") {
  Running server([](const Scope& scope, Receive, Send send) -> awaitable<void> {
    const bool plain = std::holds_alternative<asgi::HttpScope>(scope);
    co_await respond(send, 200, plain ? "plain" : "not plain");
  });
  for (const auto& [from, to] : {std::pair("HTTP/1.1", "HTTP/1.0"),
                                 {"GET", "POST"},
                                 {"Upgrade: websocket", "Upgrade: h2c"},
                                 {"Connection: Upgrade", "Connection: close"}}) {
    CAPTURE(to);
    CHECK(exchange(server.port(), handshake_with(from, to)).ends_with("\r\n\r\nplain"));
  }
}

TEST_CASE("contract 90: the answer to the key") {
  Running server(echo_app);
  Client client(server.port());
  client.send(handshake_with("dGhlIHNhbXBsZSBub25jZQ==", "UnQ3lpJAH6j2PslA993iKQ=="));
  const std::string head = client.read_until("\r\n\r\n");
  CHECK(head.find("\r\nsec-websocket-accept: 1BpNk/3ah1huDGgcuMJBcjcMbEA=\r\n") != head.npos);
}

TEST_CASE("contract 91: messages that come before the handshake is complete wait for it") {
  Journal journal;
  Gate gate;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_event(journal, receive);
    co_await gate.pass();
    co_await send(WebSocketAccept());
    co_await note_event(journal, receive);
    co_await note_event(journal, receive);
  });
  Client client(server.port());
  client.send(handshake() + text_frame("with it"));
  journal.wait_for("websocket.connect");
  client.send(text_frame("behind it"));
  gate.open();
  client.read_until("\r\n\r\n");
  CHECK(frames_to_end(client) == "close 1000 ''\n");
  CHECK(journal.text() ==
        "websocket.connect\nwebsocket.receive text 'with it'\n"
        "websocket.receive text 'behind it'\n");
}
