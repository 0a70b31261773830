// The opening handshake: who gets a WebSocket, and what the others are told.
#include "check.hpp"
#include "web_socket.hpp"

namespace {

// A handshake that is granted. Judged in one piece, byte by byte, and behind another request.
struct Opening {
  std::string name;
  Handshake handshake;
  std::string accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
};

std::map<std::string, const Opening*>& openings() {
  static std::map<std::string, const Opening*> all;
  return all;
}

enum class Sending { whole, byte_by_byte, behind_another };

void expect_field(Client& client, const Answer& answer, const std::string& name,
                  const std::string& value) {
  const auto found = answer.find(name);
  const bool exact = name == "sec-websocket-accept";
  if (found && (exact ? *found == value : lower(*found) == value)) return;
  client.fail(answer.body_begin - 2, "\"" + name + ": " + value + "\" in this head");
}

void expect_no_field(Client& client, const Answer& answer, const std::string& name) {
  if (answer.find(name)) client.fail(answer.body_begin - 2, "no field \"" + name + "\" here");
}

void judge(const Opening& opening, Sending sending) {
  Client client(the_server());
  const std::string bytes = opening.handshake.bytes();
  if (sending == Sending::whole) client.send(bytes);
  if (sending == Sending::byte_by_byte) client.send_byte_by_byte(bytes);
  if (sending == Sending::behind_another) client.send(another_request + bytes);
  if (sending == Sending::behind_another) expect_another_answer(client);
  const Answer answer = client.read_any_answer();
  expect_status(client, answer, {101});
  expect_field(client, answer, "sec-websocket-accept", opening.accept);
  expect_field(client, answer, "upgrade", "websocket");
  expect_field(client, answer, "connection", "upgrade");
  for (const char* name : {"content-length", "transfer-encoding", "sec-websocket-extensions",
                           "sec-websocket-protocol"}) {
    expect_no_field(client, answer, name);
  }
  client.send(frame(Opcode::text, "Hello"));
  client.expect_bytes("\x81\x05Hello");
}

void judge_opening() {
  const Opening& opening = *openings().at(current_check());
  for (Sending sending : {Sending::whole, Sending::byte_by_byte, Sending::behind_another}) {
    try {
      judge(opening, sending);
    } catch (Failure& failure) {
      if (sending != Sending::whole) tell_passed_before(failure);
      throw;
    }
  }
}

Handshake with_key(const std::string& key) { return {.key = "Sec-WebSocket-Key: " + key + "\r\n"}; }

const int granted = register_rules<Opening>(
    __FILE__, __LINE__,
    {
        {5,
         "RFC 6455 section 4.2.2",
         "the answer's Sec-WebSocket-Accept is the base64 of the SHA-1 of the client's key and a "
         "constant: it shows that the server has understood this handshake",
         "accept_key() in websocket/handshake.cpp",
         {
             {"opens a WebSocket", {}},
             {"answers the key that it is sent", with_key("x3JJHMbDL1EzLkh9GBhXDw=="),
              "HSmrc0sMlYUkAGmm5OPpG2HaGWk="},
             {"answers a key of zeros", with_key("AAAAAAAAAAAAAAAAAAAAAA=="),
              "ICX+Yqv66kxgM0FcWaLWlFLwTAI="},
         }},
        {5,
         "RFC 6455 section 4.2.1",
         "a handshake has \"websocket\" in Upgrade and \"Upgrade\" in Connection, in any case and "
         "among others",
         "is_handshake() in websocket/handshake.cpp",
         {
             {"knows websocket in any case", {.upgrade = "uPGRADE: WebSocket\r\n"}},
             {"finds websocket in a list", {.upgrade = "Upgrade: h2c, websocket\r\n"}},
             {"knows upgrade in any case", {.connection = "cONNECTION: uPGRADE\r\n"}},
             {"finds upgrade in a list", {.connection = "Connection: keep-alive, Upgrade\r\n"}},
             {"finds upgrade in a second Connection field",
              {.connection = "Connection: keep-alive\r\nConnection: Upgrade\r\n"}},
             {"opens a WebSocket for HTTP/1.2", {.version = "HTTP/1.2"}},
             {"does not mind an origin and cookies",
              {.more = "Origin: http://x\r\nCookie: a=b\r\n"}},
         }},
        {5,
         "RFC 6455 section 3",
         "a WebSocket has a query as any other resource: browsers send a backslash in it as it is",
         "check_path() in http/request.cpp",
         {
             {"takes a backslash in the query of a WebSocket", {.path = "/ws/echo?path=C:\\temp"}},
         }},
    },
    openings(), judge_opening);

Row refuses(const std::string& name, const Handshake& handshake, int status,
            const std::string& body = "") {
  return Row("refuses " + name, handshake.bytes() + body, status);
}

Row wants_13(const std::string& name, const std::string& version) {
  const Handshake handshake{.socket_version = version};
  return Row("refuses " + name, handshake.bytes(), std::vector<int>{426, 400})
      .with_field("sec-websocket-version: 13");
}

const int refused = register_table(
    __FILE__, __LINE__,
    {
        {5,
         "RFC 6455 section 4.2.1",
         "a key is the base64 of 16 octets, and there is one of it",
         "check_handshake() in websocket/handshake.cpp",
         {
             refuses("a handshake without a key", {.key = ""}, 400),
             refuses("an empty key", with_key(""), 400),
             refuses("a key that is too short", with_key("dGhlIHNhbXBsZSBub25j"), 400),
             refuses("a key that is too long", with_key("dGhlIHNhbXBsZSBub25jZXMhISE="), 400),
             refuses("a key without its padding", with_key("dGhlIHNhbXBsZSBub25jZQ"), 400),
             refuses("a key that is not base64", with_key("*GhlIHNhbXBsZSBub25jZQ=="), 400),
             refuses("two keys",
                     {.key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                             "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"},
                     400),
         }},
        {5,
         "RFC 6455 section 4.4",
         "the version is 13; a client that wants another one is told which there is",
         "check_handshake() in websocket/handshake.cpp",
         {
             wants_13("another version of WebSocket", "Sec-WebSocket-Version: 8\r\n"),
             wants_13("a version of WebSocket that is no number", "Sec-WebSocket-Version: x\r\n"),
             wants_13("a handshake without a version", ""),
             wants_13("an empty version of WebSocket", "Sec-WebSocket-Version:\r\n"),
             wants_13("a list of versions of WebSocket", "Sec-WebSocket-Version: 8, 13\r\n"),
             wants_13("a version of WebSocket with a leading zero",
                      "Sec-WebSocket-Version: 013\r\n"),
             wants_13("two versions of WebSocket",
                      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8\r\n"),
         }},
        {5,
         "RFC 9110 section 15.5.22",
         "426 (Upgrade Required) says in Upgrade what would be granted",
         "append_refusal() in http/response.cpp",
         {
             refuses("a version of WebSocket, and names the protocol that there is",
                     {.socket_version = "Sec-WebSocket-Version: 7\r\n"}, 426)
                 .with_field("upgrade: websocket"),
         }},
        {5,
         "RFC 9110 section 7.8",
         "frames begin where the request ends: a handshake whose end could be in doubt is refused",
         "check_handshake() in websocket/handshake.cpp",
         {
             refuses("a handshake with a body", {.more = "Content-Length: 5\r\n"}, 400, "hello"),
             refuses("a handshake with a chunked body", {.more = "Transfer-Encoding: chunked\r\n"},
                     400, "0\r\n\r\n"),
         }},
        {5,
         "ASGI: Close - send event",
         "an application that closes before it accepts denies the WebSocket: 403",
         "WebSocketCycle::deny() in websocket_cycle.cpp",
         {
             refuses("a WebSocket where there is none", {.path = "/ws/nothing"}, 403),
             refuses("a WebSocket at a path for HTTP", {.path = "/reflect"}, 403),
         }},
        {5,
         "ASGI: WebSocket Denial Response",
         "an application may deny a WebSocket with an answer of its own",
         "WebSocketCycle::finish_denial() in websocket_cycle.cpp",
         {
             refuses("a WebSocket in the application's words", {.path = "/ws/deny"}, 401)
                 .with_body("this WebSocket is for others\n"),
         }},
    });

// A handshake but for one thing is a request like any other. So that a server without WebSocket
// does not pass by accident, the right handshake comes first.
void expect_plain(const Handshake& handshake) {
  const WebSocket right(the_server(), {.path = handshake.path});
  Client client(the_server());
  client.send(handshake.bytes());
  const Answer answer = client.read_any_answer();
  if (answer.status < 200) client.fail(answer.begin + 9, "an answer as to any request");
  expect_announced_end(client, answer);
}

// The subprotocol demo says in a text what it has chosen, and closes.
void expect_chosen(const std::string& offered, const std::string& chosen) {
  WebSocket socket(the_server(), {.path = "/ws/subprotocol", .more = offered});
  Client& client = socket.client();
  const auto found = socket.answer().find("sec-websocket-protocol");
  if (chosen.empty()) expect_no_field(client, socket.answer(), "sec-websocket-protocol");
  if (!chosen.empty() && found != chosen) {
    client.fail(socket.answer().body_begin - 2,
                "\"sec-websocket-protocol: " + chosen + "\" in this head");
  }
  socket.expect({Opcode::text, chosen.empty() ? "no subprotocol" : chosen});
  socket.expect_closing(1000);
}

}  // namespace

TEST_CASE("opens a WebSocket for GET only" * since(5) * section("RFC 6455 section 4.2.1") *
          rule("a handshake is a GET request; with another method the wish to upgrade is passed "
               "over") *
          look_at("is_handshake() in websocket/handshake.cpp")) {
  expect_plain({.method = "POST"});
}

TEST_CASE("opens no WebSocket for HTTP/1.0" * since(5) * section("RFC 9110 section 7.8") *
          rule("Upgrade in a request of HTTP/1.0 is ignored") *
          look_at("is_handshake() in websocket/handshake.cpp")) {
  expect_plain({.version = "HTTP/1.0"});
}

TEST_CASE("opens no WebSocket when another protocol is asked for" * since(5) *
          section("RFC 9110 section 7.8") *
          rule("Upgrade names the protocols that the client likes: websocket has to be there") *
          look_at("is_handshake() in websocket/handshake.cpp")) {
  expect_plain({.upgrade = "Upgrade: websockets\r\n"});
}

TEST_CASE("opens no WebSocket without Upgrade in Connection" * since(5) *
          section("RFC 9110 section 7.8") *
          rule("a field that Connection does not name was not meant for this connection alone") *
          look_at("is_handshake() in websocket/handshake.cpp")) {
  expect_plain({.connection = "Connection: keep-alive\r\n"});
}

TEST_CASE("opens no WebSocket without Upgrade" * since(5) * section("RFC 6455 section 4.2.1") *
          rule("Connection alone does not say what to upgrade to") *
          look_at("is_handshake() in websocket/handshake.cpp")) {
  expect_plain({.upgrade = ""});
}

TEST_CASE("keeps frames that come right behind the handshake" * since(5) *
          section("RFC 6455 section 4.1") *
          rule("a client has to wait for the answer before it sends a frame; one that does not "
               "loses nothing here: only the head of the request is consumed") *
          look_at("Session::run() in session.cpp")) {
  const std::string frames = frame(Opcode::ping, "?") + frame(Opcode::text, "Hello");
  WebSocket socket(the_server(), {}, frames + close_frame(1000));
  socket.expect({{Opcode::pong, "?"}, {Opcode::text, "Hello"}, closed(1000)});
  socket.client().expect_end();
}

TEST_CASE("keeps the beginning of a large message that comes right behind the handshake" *
          since(5) * section("RFC 6455 section 4.1") *
          rule("where a segment ends has nothing to do with where a handshake or a frame ends") *
          look_at("Session::run() in session.cpp")) {
  const std::string message(1 << 20, 'x');
  WebSocket socket(the_server(), {}, frame(Opcode::text, message));
  socket.expect({Opcode::text, message});
}

TEST_CASE("answers with the subprotocol that the application chooses" * since(5) *
          section("RFC 6455 section 4.2.2") *
          rule("the server chooses at most one of the subprotocols that the client offers") *
          look_at("subprotocol() in demo/websocket.cpp")) {
  expect_chosen("Sec-WebSocket-Protocol: v1.demo\r\n", "v1.demo");
  expect_chosen("Sec-WebSocket-Protocol: v1.demo, v2.demo\r\n", "v2.demo");
}

TEST_CASE("finds subprotocols in several fields" * since(5) * section("RFC 6455 section 11.3.4") *
          rule("Sec-WebSocket-Protocol may come more than once in a request: that is one list") *
          look_at("subprotocols() in websocket/handshake.cpp")) {
  expect_chosen("Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: v1.demo\r\n", "v1.demo");
}

TEST_CASE("passes over what is empty in a list of subprotocols" * since(5) *
          section("RFC 9110 section 5.6.1.2") *
          rule("a list may have empty elements, as senders of old have made them: they count for "
               "nothing") *
          look_at("subprotocols() in websocket/handshake.cpp")) {
  expect_chosen("Sec-WebSocket-Protocol: ,x,, v1.demo\r\n", "v1.demo");
}

TEST_CASE("names no subprotocol that was not offered" * since(5) *
          section("RFC 6455 section 4.2.2") *
          rule("when no subprotocol suits, the answer has no Sec-WebSocket-Protocol at all") *
          look_at("WebSocketCycle::accept() in websocket_cycle.cpp")) {
  expect_chosen("", "");
  expect_chosen("Sec-WebSocket-Protocol: x, V1.DEMO\r\n", "");
}
