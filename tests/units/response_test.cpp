#include "http/response.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace {

std::string status_line(int status) {
  std::string out;
  http::append_status_line(out, status);
  return out;
}

std::string refusal(int status, const char* rule, bool head_only) {
  std::string out = "what is already there";
  http::append_refusal(out, http::Error(status, rule), head_only);
  REQUIRE(out.starts_with("what is already there"));
  return out.substr(21);
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("a status line has its phrase, and its second space without one (RFC 9112 section 4)") {
  CHECK(status_line(200) == "HTTP/1.1 200 OK\r\n");
  CHECK(status_line(404) == "HTTP/1.1 404 Not Found\r\n");
  CHECK(status_line(299) == "HTTP/1.1 299 \r\n");
}

TEST_CASE("each status that a request is refused with has a phrase (RFC 9110 section 15)") {
  for (const int status : {400, 405, 414, 431, 501, 505}) {
    CAPTURE(status);
    CHECK(status_line(status).size() > std::string_view("HTTP/1.1 400 \r\n").size());
  }
}

TEST_CASE("fields and the end of the head are lines that end with CRLF (RFC 9112 section 5)") {
  std::string out;
  http::append_field(out, "x-name", "a value");
  http::append_field(out, "x-empty", "");
  http::append_content_length(out, 0);
  http::append_content_length(out, 18446744073709551615U);
  http::end_head(out);
  CHECK(out ==
        "x-name: a value\r\nx-empty: \r\ncontent-length: 0\r\n"
        "content-length: 18446744073709551615\r\n\r\n");
}

TEST_CASE("a refusal is a whole answer, tells the rule in its content, and closes") {
  const std::string answer = refusal(400, "a rule", false);
  CHECK(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(has(answer, "\r\ncontent-type: text/plain\r\n"));
  CHECK(has(answer, "\r\ncontent-length: 7\r\n"));
  CHECK(has(answer, "\r\nconnection: close\r\n"));
  CHECK(answer.ends_with("\r\n\r\na rule\n"));
}

TEST_CASE(
    "the refusal of a HEAD request is the same without its content (RFC 9110 section 9.3.2)") {
  const std::string whole = refusal(431, "another rule", false);
  const std::string head = refusal(431, "another rule", true);
  CHECK(head.ends_with("\r\n\r\n"));
  CHECK(head + "another rule\n" == whole);
}
