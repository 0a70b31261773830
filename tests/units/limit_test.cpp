#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "http/request.hpp"
#include "request_outcome.hpp"

namespace {

constexpr std::string_view end_of_head = "\r\nHost: a\r\n\r\n";

// A request line of `size` octets, with its CRLF; `before` stands before it.
std::string line_of(std::size_t size, std::string_view before = "") {
  const std::string_view rest = " HTTP/1.1\r\n";
  std::string line = std::string(before).append("GET /");
  line.append(size - line.size() - rest.size(), 'a');
  return line.append(rest);
}

// A head of `size` octets, with its empty line, of few and long fields.
std::string head_of(std::size_t size) {
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  head.append(size - head.size() - 4, 'a');
  return head.append("\r\n\r\n");
}

// A head with so many fields, Host among them.
std::string head_with(std::size_t fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + repeat("X: y\r\n", fields - 1) + "\r\n";
}

Outcome outcome(const std::string& input) { return check_every_split(read_request, input); }

}  // namespace

TEST_CASE("a request line has at most 16384 octets, with its CRLF (RFC 9112 section 3)") {
  CHECK(http::max_request_line == 16384);
  CHECK(outcome(line_of(8000) + "Host: a\r\n\r\n").status == 0);
  CHECK(outcome(line_of(16384) + "Host: a\r\n\r\n").status == 0);
  CHECK(outcome(line_of(16385) + "Host: a\r\n\r\n").status == 414);
  CHECK(outcome(line_of(16384, "\r\n\r\n") + "Host: a\r\n\r\n").status == 0);
  CHECK(outcome(line_of(16385, "\r\n\r\n") + "Host: a\r\n\r\n").status == 414);
  CHECK(outcome(line_of(50000)).status == 414);
  CHECK(outcome("GET /" + std::string(20000, 'a')).status == 414);
}

TEST_CASE("what is wrong within the limit of a line is told before its length") {
  CHECK(outcome(std::string(20000, 'A')).status == 501);
  CHECK(outcome("GET /\x01" + std::string(20000, 'a')).status == 400);
  CHECK(outcome("GET /" + std::string(16378, 'a') + "\x01" + std::string(20000, 'a')).status ==
        400);
  CHECK(outcome("GET /" + std::string(16379, 'a') + "\x01" + std::string(20000, 'a')).status ==
        414);
  CHECK(outcome(line_of(20000).replace(4, 1, "x")).status == 414);
}

TEST_CASE("a head has at most 32768 octets, with its empty line (RFC 6585 section 5)") {
  CHECK(http::max_head == 32768);
  CHECK(outcome(head_of(32768)).size == 32768);
  CHECK(outcome(head_of(32769)).status == 431);
  CHECK(outcome(head_of(70000)).status == 431);
  CHECK(
      outcome(line_of(16384) + "Host: a\r\nX: " + std::string(16384 - 16, 'a') + "\r\n\r\n").size ==
      32768);
  CHECK(outcome(line_of(16384) + "Host: a\r\nX: " + std::string(16384 - 15, 'a') + "\r\n\r\n")
            .status == 431);
  CHECK(outcome("GET / HTTP/1.1\r\n" + std::string(40000, 'N')).status == 431);
  CHECK(outcome("GET / HTTP/1.1\r\nX:" + std::string(40000, ' ')).status == 431);
}

TEST_CASE("what is wrong within the limit of a head is told before its size") {
  const std::string start = "GET / HTTP/1.1\r\nX: ";
  const std::string inside(32768 - start.size() - 1, 'a');
  CHECK(outcome(start + inside + "\x01" + std::string(9000, 'a')).status == 400);
  CHECK(outcome(start + inside + "a\x01" + std::string(9000, 'a')).status == 431);
}

TEST_CASE("a head has at most 100 fields (RFC 6585 section 5)") {
  CHECK(http::max_fields == 100);
  CHECK(outcome(head_with(100)).size == head_with(100).size());
  CHECK(outcome(head_with(101)).status == 431);
  CHECK(outcome(head_with(5000)).status == 431);
  CHECK(outcome(head_with(100).insert(16, "bad field\r\n")).status == 400);
}

TEST_CASE("what has reached a limit without its end is refused at once, not with the next octet") {
  CHECK(read_request("GET /" + std::string(16384 - 5, 'a')).status == 414);
  CHECK(read_request("GET /" + std::string(16384 - 6, 'a')) == Outcome());
  const std::string start = "GET / HTTP/1.1\r\nX: ";
  CHECK(read_request(start + std::string(32768 - start.size(), 'a')).status == 431);
  CHECK(read_request(start + std::string(32768 - start.size() - 1, 'a')) == Outcome());
}

TEST_CASE("an empty input, and one that has only begun, are not refused") {
  for (const std::string_view begun :
       {"", "\r", "\r\n", "\r\n\r\n\r\n\r\n", "G", "GET", "GET ", "GET /", "GET / HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r"}) {
    CAPTURE(begun);
    CHECK(read_request(begun) == Outcome());
  }
  CHECK(read_request("GET / HTTP/1.1" + std::string(end_of_head)).size > 0);
}
