// WebSockets and the rest of the world: clients that vanish, are silent or do not read, many at
// once, and a server that stops.
#include <csignal>

#include "talk.hpp"

using namespace std::chrono_literals;

namespace {

constexpr Opcode text = Opcode::text;

const std::string hello = frame(text, "Hello");

void expect_echo(WebSocket& socket) {
  socket.client().send(hello);
  socket.expect({text, "Hello"});
}

void expect_exit(Client& client, Server& server, std::chrono::milliseconds time) {
  client.close();
  const auto end = server.ended_within(time);
  if (end == "status 0") return;
  client.note(end ? "the server ended with " + *end : "the server goes on");
  client.fail(client.position(), "the server to end with status 0");
}

// Reads texts until one begins so; what else is said in the chat does not matter.
std::string await_text(WebSocket& socket, const std::string& beginning) {
  while (true) {
    const Frame message = socket.read_message("a Text that begins with \"" + beginning + '"');
    if (message.opcode == text && message.payload.rfind(beginning, 0) == 0) return message.payload;
  }
}

void expect_present(WebSocket& socket, const std::string& name, bool present) {
  const std::size_t at = socket.client().position();
  const std::string who = await_text(socket, "who\t") + '\t';
  if ((who.find('\t' + name + '\t') != who.npos) == present) return;
  socket.client().fail(at, "a \"who\" " + std::string(present ? "with " : "without ") + name);
}

Handshake chat(const std::string& name) { return {.path = "/ws/chat?name=" + name}; }

// Each leaves in the middle of something, in order or not.
void leave(const std::string& path) {
  const std::vector<std::string> last_words = {"",
                                               hello,
                                               hello.substr(0, 7),
                                               frame(text, "a", {.fin = false}),
                                               frame(Opcode::ping, "?"),
                                               close_frame(1000),
                                               frame(Opcode::binary, std::string(200'000, 'b'))};
  for (const std::string& words : last_words) {
    for (const bool in_order : {true, false}) {
      WebSocket socket(the_server(), {.path = path}, words);
      if (in_order) {
        socket.client().close();
      } else {
        socket.client().reset();
      }
    }
  }
  WebSocket socket(the_server());
  socket.client().note("14 other clients have vanished");
  expect_echo(socket);
}

void silent_clients() {
  Server server("--ws-ping-interval 1 --ws-ping-timeout 2");
  WebSocket alive(server.endpoint());
  WebSocket dead(server.endpoint());
  alive.client().wait_up_to(8s);
  for (int i = 0; i < 10 && !dead.client().ended_within(10ms); ++i) {
    const Frame ping = alive.read_frame("a Ping after 1 s");
    if (ping.opcode != Opcode::ping) alive.client().fail(alive.client().position(), "a Ping");
    alive.client().send(frame(Opcode::pong, ping.payload));
  }
  dead.read_frame("a Ping after 1 s");
  dead.client().note("we did not answer it");
  dead.client().await_end("the end of the connection 2 s after the Ping");
  alive.client().send(hello);
  await_text(alive, "Hello");
}

// A server that looks at its deadlines once a second takes five seconds at least: one before it
// pings, and four more.
void long_ping_timeout() {
  Server server("--ws-ping-interval 1 --ws-ping-timeout 4");
  const auto begin = std::chrono::steady_clock::now();
  WebSocket socket(server.endpoint());
  socket.client().wait_up_to(10s);
  const Frame ping = socket.read_frame("a Ping after 1 s");
  if (ping.opcode != Opcode::ping) socket.client().fail(socket.client().position(), "a Ping");
  socket.client().note("we did not answer it");
  socket.client().await_end("the end of the connection 4 s after the Ping");
  if (std::chrono::steady_clock::now() - begin >= 5s) return;
  socket.client().fail(socket.client().position(), "nothing before 4 s had passed,");
}

void no_pings() {
  Server server("--ws-ping-interval 0");
  WebSocket socket(server.endpoint());
  socket.client().note("we were silent for 1.5 s");
  socket.client().ended_within(1500ms);
  if (!socket.client().unjudged().empty()) {
    socket.client().fail(socket.client().position(), "nothing");
  }
  expect_echo(socket);
}

// A client that does not answer the server's Close.
void unanswered_close() {
  Server server("--timeout-graceful-shutdown 1");
  WebSocket socket(server.endpoint());
  expect_echo(socket);
  server.signal(SIGTERM);
  socket.client().note("the server was sent SIGTERM");
  socket.expect(closed(1012));
  socket.client().note("we did not answer it");
  socket.client().wait_up_to(8s);
  socket.client().await_end("the end of the connection after 1 s");
  expect_exit(socket.client(), server, 8s);
}

// The application closes, nothing else ends the connection, and the client only reads.
void silence_after_close() {
  Server server;
  WebSocket socket(server.endpoint(), {.path = "/ws/subprotocol"});
  socket.expect({{text, "no subprotocol"}, closed(1000)});
  socket.client().note("we did not answer it");
  socket.client().wait_up_to(12s);
  socket.client().await_end("the end of the connection, after some seconds");
}

// What is left of the time for a request would be over.
void long_silence() {
  Server server("--timeout-keep-alive 1 --timeout-request-head 1");
  WebSocket socket(server.endpoint());
  socket.client().note("we were silent for 2.5 s");
  socket.client().ended_within(2500ms);
  expect_echo(socket);
}

// The clock takes no message, so this one is not answered; the Close behind it is.
void close_behind_message() {
  Server server;
  WebSocket socket(server.endpoint(), {.path = "/ws/clock"});
  socket.client().wait_up_to(8s);
  socket.client().send(hello + close_frame(1000));
  socket.expect_behind_texts(closed(1000));
  socket.client().expect_end();
}

}  // namespace

TEST_CASE("serves many WebSockets at once" * since(5) * section("RFC 6455 section 1.5") *
          rule("a WebSocket stays open for long: no client waits for another one") *
          look_at("WebSocket::read() in web_socket.cpp")) {
  std::vector<std::unique_ptr<WebSocket>> sockets;
  for (int i = 0; i < 100; ++i) sockets.push_back(std::make_unique<WebSocket>(the_server()));
  for (auto socket = sockets.rbegin(); socket != sockets.rend(); ++socket) expect_echo(**socket);
}

TEST_CASE("answers pings while the application is busy" * since(5) *
          section("RFC 6455 section 5.5.2") *
          rule("a ping is the server's affair: it is answered even when the application only "
               "sends, and never asks for a message") *
          look_at("WebSocket::read() in web_socket.cpp")) {
  WebSocket socket(the_server(), {.path = "/ws/clock"});
  socket.client().send(frame(Opcode::ping, "?"));
  socket.expect_behind_texts({Opcode::pong, "?"});
  socket.client().send(close_frame(1000));
  socket.expect_behind_texts(closed(1000));
  socket.client().expect_end();
}

TEST_CASE("answers a Close behind a message that the application does not take" * since(5) *
          section("RFC 6455 section 5.5.1") *
          rule("a Close is the server's affair, too: the application has some seconds for what "
               "came before it, and no more") *
          look_at("WebSocket::wait_until_answered() in web_socket.cpp") *
          early(close_behind_message)) {
  outcome();
}

TEST_CASE("does not count the time of a request for a WebSocket" * since(5) *
          section("RFC 6455 section 1.5") *
          rule("a WebSocket may be silent for long: the times for the next request, and for a "
               "head, end with the handshake (--timeout-keep-alive, --timeout-request-head)") *
          look_at("WebSocket::receive_more() in web_socket.cpp") * early(long_silence)) {
  outcome();
}

TEST_CASE("stops reading when the application takes no messages" * since(5) *
          section("RFC 9293 section 3.8.6") *
          rule("messages that are not taken must not pile up in the server's memory: after some "
               "the server reads no more (back-pressure)") *
          look_at("WebSocket::wait_for_room() in web_socket.cpp")) {
  WebSocket socket(the_server(), {.path = "/ws/clock"});
  const std::string message = frame(Opcode::binary, std::string(60'000, 'b'));
  constexpr std::size_t limit = 64 * 1024 * 1024;
  const std::size_t sent = socket.client().send_until_stuck(message, limit, 300ms);
  if (sent >= limit) socket.client().fail(0, "the server to stop reading long before");
  await_text(socket, "");
}

TEST_CASE("goes on after clients of an echo have vanished" * since(5) *
          section("RFC 6455 section 7.1.5") *
          rule("a connection that is lost is a WebSocket that has ended (1006), whatever was under "
               "way") *
          look_at("WebSocket::read() in web_socket.cpp")) {
  leave("/ws/echo");
}

TEST_CASE("goes on after clients of a clock have vanished" * since(5) *
          section("RFC 6455 section 7.1.5") *
          rule("send() tells an application that only sends that its client has gone") *
          look_at("WebSocket::send() in web_socket.cpp")) {
  leave("/ws/clock");
}

TEST_CASE("stops reading from a client that does not read its echoes" * since(5) *
          section("RFC 9293 section 3.8.6") *
          rule("messages that are not taken must not pile up in the server's memory: after a few "
               "the server reads no more (back-pressure)") *
          look_at("WebSocket::deliver() in web_socket.cpp")) {
  WebSocket socket(the_server(), {}, "", Client::Reading::never);
  const std::string message = frame(Opcode::binary, std::string(60'000, 'b'));
  constexpr std::size_t limit = 64 * 1024 * 1024;
  const std::size_t sent = socket.client().send_until_stuck(message, limit, 300ms);
  if (sent >= limit) socket.client().fail(0, "the server to stop reading long before");
  socket.start_reading();
  for (int i = 0; i < 10; ++i) socket.expect({Opcode::binary, std::string(60'000, 'b')});
}

TEST_CASE("hands a message to everybody in the chat" * since(5) *
          section("ASGI: Send - send event") *
          rule("an application may send on one WebSocket what came from another") *
          look_at("chat() in demo/chat.cpp")) {
  WebSocket ann(the_server(), chat("ann"));
  expect_present(ann, "ann", true);
  WebSocket bob(the_server(), chat("bob"));
  expect_present(ann, "bob", true);
  bob.client().send(frame(text, "gr\xc3\xbc\xc3\x9f\x65"));
  for (WebSocket* each : {&ann, &bob}) {
    const std::size_t at = each->client().position();
    const std::string said = await_text(*each, "chat\t");
    if (said != "chat\tbob\tgr\xc3\xbc\xc3\x9f\x65") each->client().fail(at, "what bob has said");
  }
}

TEST_CASE("tells an application how its client has left" * since(5) *
          section("ASGI: Disconnect - receive event") *
          rule("websocket.disconnect comes after a Close, after an end of TCP, and after a reset") *
          look_at("WebSocketCycle::poll_message() in websocket_cycle.cpp")) {
  WebSocket watcher(the_server(), chat("watcher"));
  expect_present(watcher, "watcher", true);
  for (int way = 0; way < 3; ++way) {
    WebSocket leaver(the_server(), chat("leaver"));
    expect_present(watcher, "leaver", true);
    if (way == 0) leaver.client().send(close_frame(1001));
    if (way == 1) leaver.client().shut_down_sending();
    if (way == 2) leaver.client().reset();
    watcher.client().note(way == 0   ? "the other one sent a Close"
                          : way == 1 ? "the other one ended its sending side"
                                     : "the other one's connection was reset");
    expect_present(watcher, "leaver", false);
  }
}

TEST_CASE("pings a client that is silent, and gives it up" * since(5) *
          section("RFC 6455 section 5.5.2") *
          rule("TCP does not tell that the other side has vanished: a ping that is not answered "
               "does (--ws-ping-interval, --ws-ping-timeout)") *
          look_at("WebSocket::receive_more() in web_socket.cpp") * early(silent_clients)) {
  outcome();
}

TEST_CASE("waits as long for an answer to its ping as it is told to" * since(5) *
          section("RFC 6455 section 5.5.2") *
          rule("--ws-ping-interval is how long a client may be silent before it is pinged, "
               "--ws-ping-timeout how long after that") *
          look_at("WebSocket::receive_more() in web_socket.cpp") *
          early(long_ping_timeout)) {
  outcome();
}

TEST_CASE("sends no pings when --ws-ping-interval is 0" * since(5) *
          section("RFC 6455 section 5.5.2") *
          rule("a server may ping, and need not; 0 stands for no pings") *
          look_at("WebSocket::receive_more() in web_socket.cpp") * early(no_pings)) {
  outcome();
}

TEST_CASE("closes WebSockets with 1012 when it is to stop" * since(5) *
          section("RFC 6455 section 7.1.2") *
          rule("a server that stops says so to each client, and waits for its answer; 1012 is "
               "registered for a service that restarts") *
          look_at("WebSocket::receive_more() in web_socket.cpp")) {
  Server server;
  WebSocket idle(server.endpoint());
  expect_echo(idle);
  WebSocket busy(server.endpoint());
  busy.client().send(frame(text, "unfinished", {.fin = false}) + frame(Opcode::ping, "?"));
  busy.expect({Opcode::pong, "?"});
  server.signal(SIGTERM);
  for (WebSocket* each : {&idle, &busy}) {
    each->client().note("the server was sent SIGTERM");
    each->expect_closing(1012);
    each->client().close();
  }
  expect_exit(idle.client(), server, patience());
}

TEST_CASE("does not wait for ever for the answer to its Close" * since(5) *
          section("RFC 6455 section 7.1.1") *
          rule("a client that does not answer a Close must not keep the server from ending") *
          look_at("WebSocket::send_close() in web_socket.cpp") * early(unanswered_close)) {
  outcome();
}

TEST_CASE("ends the connection of a client that never answers its Close" * since(5) *
          section("RFC 6455 section 7.1.1") *
          rule("who has sent a Close waits for the other side's, but not for ever: a client that "
               "keeps silent would hold the connection") *
          look_at("WebSocket::send_close() in web_socket.cpp") *
          early(silence_after_close)) {
  outcome();
}
