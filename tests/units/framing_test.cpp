#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "http/body.hpp"
#include "outcome.hpp"

namespace {

// What `function` makes of a request of that version with those fields, as text.
template <typename Function>
Outcome of_request(Function function, std::string_view version, std::string_view fields) {
  const std::string input = "POST / " + std::string(version) + "\r\nHost: a\r\n";
  const std::string head = input + std::string(fields) + "\r\n";
  http::Request request;
  REQUIRE(http::parse_request(head, request));
  return outcome_of([&] { return Outcome{.size = 1, .understood = function(request)}; });
}

std::string framing_text(const http::Request& request) {
  const http::BodyFraming framing = http::body_framing(request);
  return framing.chunked ? "chunked" : std::to_string(framing.length);
}

Outcome framing(std::string_view fields, std::string_view version = "HTTP/1.1") {
  return of_request(framing_text, version, fields);
}

bool keeps_alive(std::string_view version, std::string_view fields) {
  const auto text = [](const http::Request& request) {
    return std::string(http::keep_alive(request) ? "yes" : "no");
  };
  return of_request(text, version, fields).understood == "yes";
}

Outcome expects(std::string_view fields, std::string_view version = "HTTP/1.1") {
  const auto text = [](const http::Request& request) {
    return std::string(http::expects_continue(request) ? "yes" : "no");
  };
  return of_request(text, version, fields);
}

struct Framing {
  std::string_view fields;
  std::string_view understood;
};

constexpr Framing good_framings[] = {
    // RFC 9112 section 6.3: without either there is no body
    {"", "0"},
    {"Content-Type: text/plain\r\n", "0"},
    {"X-Content-Length: 5\r\nTE: chunked\r\n", "0"},
    // RFC 9110 section 8.6: leading zeros are digits as well
    {"Content-Length: 0\r\n", "0"},
    {"Content-Length: 5\r\n", "5"},
    {"content-length:5\r\n", "5"},
    {"CONTENT-LENGTH: \t5 \t\r\n", "5"},
    {"Content-Length: 0000000000000000000000000000000000000010\r\n", "10"},
    {"Content-Length: 999999999999999999\r\n", "999999999999999999"},
    // RFC 9112 section 7: the names of codings have no case
    {"Transfer-Encoding: chunked\r\n", "chunked"},
    {"TRANSFER-ENCODING: CHUNKED\r\n", "chunked"},
    {"transfer-encoding:\t Chunked \t\r\n", "chunked"},
};

struct BadFraming {
  int status;
  std::string_view section;
  std::string_view fields;
};

constexpr BadFraming bad_framings[] = {
    {400, "RFC 9110 section 8.6", "Content-Length:\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: +5\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: -0\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: -5\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: 0x5\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: 5h\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: a\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: 1_0\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: 1 0\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: 1.0\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: 1e1\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: 5;\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: \"5\"\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: \xd9\xa5\r\n"},  // an Arabic digit
    {400, "RFC 9110 section 8.6", "Content-Length: 18446744073709551616\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: 18446744073709551621\r\n"},
    {400, "RFC 9110 section 8.6", "Content-Length: 99999999999999999999999999999999999999\r\n"},
    {400, "RFC 9112 section 6.3", "Content-Length: 5, 5\r\n"},
    {400, "RFC 9112 section 6.3", "Content-Length: 5,\r\n"},
    {400, "RFC 9112 section 6.3", "Content-Length: 5\r\nContent-Length: 5\r\n"},
    {400, "RFC 9112 section 6.3", "Content-Length: 5\r\nX: y\r\ncontent-length: 6\r\n"},
    {400, "RFC 9112 section 6.3", "Content-Length: 5\r\nContent-Length:\r\n"},
    {400, "RFC 9112 section 6.1", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"},
    {400, "RFC 9112 section 6.1", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"},
    {400, "RFC 9112 section 6.1", "Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"},
    {400, "RFC 9112 section 6.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"},
    {400, "RFC 9112 section 6.1", "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"},
    {400, "RFC 9112 section 6.1", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"},
    {400, "RFC 9112 section 6.1", "Transfer-Encoding:\r\n"},
    {400, "RFC 9112 section 6.1", "Transfer-Encoding: ,\r\n"},
    {400, "RFC 9112 section 6.1", "Transfer-Encoding: chunked,\r\n"},
    {400, "RFC 9112 section 6.1", "Transfer-Encoding: , chunked\r\n"},
    {400, "RFC 9112 section 6.1", "Transfer-Encoding: chunked, chunked\r\n"},
    {400, "RFC 9112 section 6.1", "Transfer-Encoding: chunked, gzip\r\n"},
    {400, "RFC 9112 section 6.1", "Transfer-Encoding: \"chunked\"\r\n"},
    {400, "RFC 9112 section 7", "Transfer-Encoding: chunked;a=b\r\n"},
    {400, "RFC 9112 section 7", "Transfer-Encoding: chunked chunked\r\n"},
    {501, "RFC 9112 section 6.1", "Transfer-Encoding: gzip\r\n"},
    {501, "RFC 9112 section 6.1", "Transfer-Encoding: gzip, chunked\r\n"},
    {501, "RFC 9112 section 6.1", "Transfer-Encoding: identity\r\n"},
    {501, "RFC 9112 section 6.1", "Transfer-Encoding: xchunked\r\n"},
    {501, "RFC 9112 section 6.1", "Transfer-Encoding: chunke\r\n"},
};

}  // namespace

TEST_CASE("the end of a body is told by chunks, a length, or neither") {
  for (const Framing& row : good_framings) {
    CAPTURE(row.fields);
    CHECK(framing(row.fields).understood == row.understood);
  }
}

TEST_CASE("a framing that two readers could see differently is refused (RFC 9112 section 11.2)") {
  for (const BadFraming& row : bad_framings) {
    CAPTURE(row.section);
    CAPTURE(row.fields);
    CHECK(framing(row.fields).status == row.status);
  }
}

TEST_CASE("HTTP/1.0 has no Transfer-Encoding (RFC 9112 section 6.1)") {
  CHECK(framing("Content-Length: 5\r\n", "HTTP/1.0").understood == "5");
  CHECK(framing("Transfer-Encoding: chunked\r\n", "HTTP/1.0").status == 400);
  CHECK(framing("Transfer-Encoding: gzip\r\n", "HTTP/1.0").status == 400);
}

TEST_CASE(
    "HTTP/1.1 keeps the connection, HTTP/1.0 if asked to, \"close\" wins (RFC 9112 section 9.3)") {
  CHECK(keeps_alive("HTTP/1.1", ""));
  CHECK(keeps_alive("HTTP/1.1", "Connection: keep-alive\r\n"));
  CHECK(keeps_alive("HTTP/1.1", "Connection: upgrade\r\n"));
  CHECK(keeps_alive("HTTP/1.2", ""));
  CHECK_FALSE(keeps_alive("HTTP/1.1", "Connection: close\r\n"));
  CHECK_FALSE(keeps_alive("HTTP/1.1", "Connection: keep-alive, Close\r\n"));
  CHECK_FALSE(keeps_alive("HTTP/1.1", "Connection: a\r\nConnection: b, close\r\n"));
  CHECK_FALSE(keeps_alive("HTTP/1.0", ""));
  CHECK_FALSE(keeps_alive("HTTP/1.0", "Connection: upgrade\r\n"));
  CHECK_FALSE(keeps_alive("HTTP/1.0", "Connection: keep-alive, close\r\n"));
  CHECK(keeps_alive("HTTP/1.0", "Connection: Keep-Alive\r\n"));
  CHECK(keeps_alive("HTTP/1.0", "Connection: a\r\nConnection: keep-alive\r\n"));
}

TEST_CASE("100-continue is all that can be expected, of HTTP/1.1 (RFC 9110 section 10.1.1)") {
  CHECK(expects("").understood == "no");
  CHECK(expects("Expect: 100-continue\r\n").understood == "yes");
  CHECK(expects("expect: 100-CONTINUE\r\n").understood == "yes");
  CHECK(expects("Expect: 100-continue\r\n", "HTTP/1.0").understood == "no");
  CHECK(expects("Expect: something\r\n", "HTTP/1.0").understood == "no");
  // RFC 9110 section 5.6.1: a list, in which empty members count for nothing
  for (const std::string_view list :
       {"100-continue, 100-continue", "100-continue,100-Continue", ",100-continue", "100-continue,",
        " , \t100-continue\t ,, "}) {
    CAPTURE(list);
    CHECK(expects("Expect: " + std::string(list) + "\r\n").understood == "yes");
  }
  CHECK(expects("Expect: 100-continue\r\nX: y\r\nexpect: 100-continue\r\n").understood == "yes");
  CHECK(expects("Expect:\r\nExpect: 100-continue\r\n").understood == "yes");
  for (const std::string_view none : {"", ",", " ,\t, "}) {
    CAPTURE(none);
    CHECK(expects("Expect:" + std::string(none) + "\r\n").understood == "no");
  }
  for (const std::string_view bad :
       {"something", "100-continue;a", "100-continue;", "100-continue=", "100-continued", "100",
        "200-ok", "100-continue, something", "something, 100-continue", "100-continue 100-continue",
        "100-continue,a=\"b, 100-continue\"", "\"100-continue\"", "100-continue;a, 100-continue"}) {
    CAPTURE(bad);
    CHECK(expects("Expect: " + std::string(bad) + "\r\n").status == 417);
  }
  CHECK(expects("Expect: 100-continue\r\nExpect: something\r\n").status == 417);
}
