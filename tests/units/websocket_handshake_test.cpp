#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/error.hpp"
#include "http/request.hpp"
#include "websocket/handshake.hpp"

namespace {

using Names = std::vector<std::string>;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
const std::string upgrade = "Connection: upgrade\r\nUpgrade: websocket\r\n";
const std::string version = "Sec-WebSocket-Version: 13\r\n";
const std::string with_key = "Sec-WebSocket-Key: " + std::string(key) + "\r\n";

// The views of a request lie in its input, which therefore lives as long.
struct Parsed {
  explicit Parsed(std::string_view fields, std::string_view line = "GET / HTTP/1.1")
      : input(std::string(line).append("\r\nHost: a\r\n").append(fields).append("\r\n")) {
    REQUIRE(http::parse_request(input, request));
  }
  Parsed(const Parsed&) = delete;

  std::string input;
  http::Request request;
};

bool asks(std::string_view fields, std::string_view line = "GET / HTTP/1.1") {
  const Parsed parsed(fields, line);
  return websocket::is_handshake(parsed.request);
}

// 0: none.
int refusal(std::string_view fields) {
  const Parsed parsed(fields);
  try {
    websocket::check_handshake(parsed.request);
  } catch (const http::Error& error) {
    return error.status();
  }
  return 0;
}

int refusal_of_key(std::string_view value) {
  return refusal(upgrade + version + "Sec-WebSocket-Key: " + std::string(value) + "\r\n");
}

}  // namespace

TEST_CASE("who asks for a WebSocket (RFC 6455 section 4.2.1)") {
  CHECK(asks(upgrade));
  CHECK(asks("Connection: keep-alive, Upgrade\r\nUpgrade: h2c, WebSocket\r\n"));
  CHECK(asks("Connection: x\r\nConnection: upgrade\r\nUpgrade: x\r\nUpgrade: websocket\r\n"));
  CHECK(asks(upgrade, "GET / HTTP/1.2"));
  CHECK_FALSE(asks(upgrade, "GET / HTTP/1.0"));
  CHECK_FALSE(asks(upgrade, "POST / HTTP/1.1"));
  CHECK_FALSE(asks(upgrade, "HEAD / HTTP/1.1"));
  CHECK_FALSE(asks("Upgrade: websocket\r\n"));
  CHECK_FALSE(asks("Connection: upgrade\r\n"));
  CHECK_FALSE(asks("Connection: upgrade\r\nUpgrade: h2c\r\n"));
  CHECK_FALSE(asks("Connection: upgrade\r\nUpgrade: websocket2\r\n"));
}

TEST_CASE("a handshake has one version, which is 13 (RFC 6455 section 4.4)") {
  CHECK(refusal(upgrade + version + with_key) == 0);
  CHECK(refusal(upgrade + with_key) == 426);
  CHECK(refusal(upgrade + version + version + with_key) == 426);
  for (const std::string value : {"", "8", "12", "14", "013", "13, 8", "x"}) {
    CAPTURE(value);
    CHECK(refusal(upgrade + "Sec-WebSocket-Version: " + value + "\r\n" + with_key) == 426);
  }
}

TEST_CASE("a handshake has one key, the base64 of 16 octets (RFC 6455 section 4.1)") {
  CHECK(refusal(upgrade + version) == 400);
  CHECK(refusal(upgrade + version + with_key + with_key) == 400);
  CHECK(refusal_of_key("AAAAAAAAAAAAAAAAAAAAAA==") == 0);
  CHECK(refusal_of_key("+/+/+/+/+/+/+/+/+/+/+w==") == 0);
  for (const std::string_view value :
       {"", "x", "AAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAA===", "AAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAA=", "=AAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAA=AAAAAAAAAAA==",
        "-_AAAAAAAAAAAAAAAAAAAA==", "AAAA AAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAAAAAA=="}) {
    CAPTURE(value);
    CHECK(refusal_of_key(value) == 400);
  }
}

TEST_CASE("a handshake has no body") {
  CHECK(refusal(upgrade + version + with_key + "Content-Length: 0\r\n") == 0);
  CHECK(refusal(upgrade + version + with_key + "Content-Length: 1\r\n") == 400);
  CHECK(refusal(upgrade + version + with_key + "Transfer-Encoding: chunked\r\n") == 400);
}

TEST_CASE("a handshake expects nothing but 100-continue (RFC 9110 section 10.1.1)") {
  CHECK(refusal(upgrade + version + with_key + "Expect: 100-continue\r\n") == 0);
  CHECK(refusal(upgrade + version + with_key + "Expect: tea\r\n") == 417);
  CHECK(refusal(upgrade + version + with_key + "Expect: 100-continue, tea\r\n") == 417);
}

TEST_CASE("the key is returned, and the answer to it (RFC 6455 section 1.3)") {
  const Parsed parsed(upgrade + version + with_key);
  CHECK(websocket::check_handshake(parsed.request) == key);
  CHECK(websocket::accept_key(key) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(websocket::accept_key("UnQ3lpJAH6j2PslA993iKQ==") == "1BpNk/3ah1huDGgcuMJBcjcMbEA=");
}

TEST_CASE("the answer that opens a WebSocket (RFC 6455 section 4.2.2)") {
  std::string out;
  websocket::append_acceptance(out, {"k=", "", ""}, Fields{{"date", "today"}});
  CHECK(out ==
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        "sec-websocket-accept: k=\r\ndate: today\r\n\r\n");
  websocket::append_acceptance(out = "", {"k=", "v1.demo", "permessage-deflate"},
                               Fields{{"x", "y"}, {"Date", "now"}});
  CHECK(out ==
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        "sec-websocket-accept: k=\r\nsec-websocket-protocol: v1.demo\r\n"
        "sec-websocket-extensions: permessage-deflate\r\nx: y\r\nDate: now\r\n\r\n");
}

TEST_CASE("that answer tells the time, and has no second field of the server's own") {
  std::string out;
  websocket::append_acceptance(
      out, {"k=", "", ""},
      Fields{{"Upgrade", "a"}, {"connection", "b"}, {"Sec-WebSocket-Accept", "c"},
             {"sec-websocket-extensions", "d"}, {"Content-Length", "5"},
             {"transfer-encoding", "chunked"}});
  const std::string head =
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
      "sec-websocket-accept: k=\r\ndate: ";
  CHECK(out.substr(0, head.size()) == head);
  CHECK(out.find("\r\n\r\n", head.size()) == out.find("\r\n", head.size()));
}

TEST_CASE("subprotocols are in their order, over all fields (RFC 6455 section 11.3.4)") {
  const auto names = [](std::string_view fields) {
    const Parsed parsed(fields);
    return websocket::subprotocols(parsed.request);
  };
  CHECK(names("").empty());
  CHECK(names("Sec-WebSocket-Protocol: a\r\n") == Names{"a"});
  CHECK(names("Sec-WebSocket-Protocol: b, a\r\n") == Names{"b", "a"});
  CHECK(names("Sec-WebSocket-Protocol: b\r\nX: y\r\nsec-websocket-protocol: c ,a\r\n") ==
        Names{"b", "c", "a"});
}

TEST_CASE("empty members are no subprotocols (RFC 9110 section 5.6.1.2)") {
  for (const std::string list : {"a,,b", ",a,b", "a, , b,", " ,\t,a,b"}) {
    CAPTURE(list);
    const Parsed parsed("Sec-WebSocket-Protocol: " + list + "\r\n");
    CHECK(websocket::subprotocols(parsed.request) == Names{"a", "b"});
  }
}

TEST_CASE("a subprotocol is a token (RFC 6455 section 4.1)") {
  const auto refusal_of = [](const std::string& list) {
    return refusal(upgrade + version + with_key + "Sec-WebSocket-Protocol: " + list + "\r\n");
  };
  CHECK(refusal_of("a, b,") == 0);
  for (const std::string list : {"a b", "a/b", "a, \"b\"", "caf\xe9", "a;b=c"}) {
    CAPTURE(list);
    CHECK(refusal_of(list) == 400);
  }
}
