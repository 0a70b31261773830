#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "http/request.hpp"

namespace {

// Whether the Connection fields have the token "close" in them.
bool closes(std::string_view fields) {
  const std::string input = "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
  http::Request request;
  REQUIRE(http::parse_request(input, request));
  return request.has_token("connection", "close");
}

}  // namespace

TEST_CASE("a list has the tokens between its commas, in any case (RFC 9110 section 5.6.1)") {
  for (const std::string_view fields :
       {"Connection: close\r\n", "connection:Close\r\n", "CONNECTION: CLOSE\r\n",
        "Connection: a, close\r\n", "Connection: close,a\r\n",
        "Connection: a \t,\t close \t, b\r\n", "Connection: ,,close,,\r\n",
        "Connection: a\r\nX: y\r\nConnection: close\r\n"}) {
    CAPTURE(fields);
    CHECK(closes(fields));
  }
}

TEST_CASE("a token is not found in a part of another, nor in another field") {
  for (const std::string_view fields :
       {"", "Connection:\r\n", "Connection: ,\r\n", "Connection: closed\r\n",
        "Connection: not-close\r\n", "Connection: a close\r\n", "Connection: close a\r\n",
        "Connection: \"close\"\r\n", "Connection: close;a\r\n", "Connection: clos\r\n",
        "X: close\r\n", "Connections: close\r\n", "Connection: clo\r\nConnection: se\r\n"}) {
    CAPTURE(fields);
    CHECK_FALSE(closes(fields));
  }
}
