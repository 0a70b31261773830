#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "request_outcome.hpp"

using std::literals::operator""sv;

namespace {

// A request of that line, otherwise as short as can be.
std::string with_line(std::string_view line) {
  return std::string(line).append("\r\nHost: a.example\r\n\r\n");
}

struct GoodLine {
  std::string_view line;
  std::string_view understood;  // method [target] [authority] [path] [query] version
};

constexpr GoodLine good_lines[] = {
    // RFC 9110 section 9.1: a method is any token, in the case it was sent in
    {"GET / HTTP/1.1", "GET [/] [] [/] [] 1.1"},
    {"get / HTTP/1.1", "get [/] [] [/] [] 1.1"},
    {"!#$%&'*+-.^_`|~09aZ / HTTP/1.1", "!#$%&'*+-.^_`|~09aZ [/] [] [/] [] 1.1"},
    {"M2345678901234567890123456789012 / HTTP/1.1",
     "M2345678901234567890123456789012 [/] [] [/] [] 1.1"},
    // RFC 9112 section 2.3, RFC 9110 section 2.5: a later minor version counts as 1.1
    {"GET / HTTP/1.0", "GET [/] [] [/] [] 1.0"},
    {"GET / HTTP/1.2", "GET [/] [] [/] [] 1.1"},
    {"GET / HTTP/1.9", "GET [/] [] [/] [] 1.1"},
    // RFC 9112 section 3.2.1, origin-form
    {"GET /a/b?c=d&e HTTP/1.1", "GET [/a/b?c=d&e] [] [/a/b] [c=d&e] 1.1"},
    {"GET /? HTTP/1.1", "GET [/?] [] [/] [] 1.1"},
    {"GET /?a?b HTTP/1.1", "GET [/?a?b] [] [/] [a?b] 1.1"},
    {"GET //a HTTP/1.1", "GET [//a] [] [//a] [] 1.1"},
    {"GET /* HTTP/1.1", "GET [/*] [] [/*] [] 1.1"},
    {"GET /http://b/ HTTP/1.1", "GET [/http://b/] [] [/http://b/] [] 1.1"},
    {"GET /%41%7e%7E HTTP/1.1", "GET [/%41%7e%7E] [] [/%41%7e%7E] [] 1.1"},
    {"GET /?%zz% HTTP/1.1", "GET [/?%zz%] [] [/] [%zz%] 1.1"},
    {"GET /|^{}`?|^{}` HTTP/1.1", "GET [/|^{}`?|^{}`] [] [/|^{}`] [|^{}`] 1.1"},
    // what the URL standard leaves as it is in a query: all that is visible but "<># and, behind a
    // scheme such as http, '
    {R"(GET /?p=C:\temp\b HTTP/1.1)", R"(GET [/?p=C:\temp\b] [] [/] [p=C:\temp\b] 1.1)"},
    {R"(GET /?\ HTTP/1.1)", R"(GET [/?\] [] [/] [\] 1.1)"},
    {R"(GET /?a?\?b HTTP/1.1)", R"(GET [/?a?\?b] [] [/] [a?\?b] 1.1)"},
    {R"(GET /?!$%&'()*+,-./09:;=?@AZ[\]^_`az{|}~ HTTP/1.1)",
     R"(GET [/?!$%&'()*+,-./09:;=?@AZ[\]^_`az{|}~] [] [/] [!$%&'()*+,-./09:;=?@AZ[\]^_`az{|}~] 1.1)"},
    {R"(GET http://a.example?\ HTTP/1.1)", R"(GET [http://a.example?\] [a.example] [/] [\] 1.1)"},
    // RFC 9112 section 3.2.2, absolute-form
    {"GET http://a.example/ HTTP/1.1", "GET [http://a.example/] [a.example] [/] [] 1.1"},
    {"GET http://a.example HTTP/1.1", "GET [http://a.example] [a.example] [/] [] 1.1"},
    {"GET http://a.example?b HTTP/1.1", "GET [http://a.example?b] [a.example] [/] [b] 1.1"},
    {"GET http://a.example/b?c HTTP/1.1", "GET [http://a.example/b?c] [a.example] [/b] [c] 1.1"},
    {"GET HTTP://A.Example/ HTTP/1.1", "GET [HTTP://A.Example/] [A.Example] [/] [] 1.1"},
    // RFC 9112 section 3.2.4, asterisk-form
    {"OPTIONS * HTTP/1.1", "OPTIONS [*] [] [*] [] 1.1"},
    {"OPTIONS http://a.example HTTP/1.1", "OPTIONS [http://a.example] [a.example] [*] [] 1.1"},
    {"OPTIONS http://a.example?b HTTP/1.1", "OPTIONS [http://a.example?b] [a.example] [/] [b] 1.1"},
    {"OPTIONS http://a.example? HTTP/1.1", "OPTIONS [http://a.example?] [a.example] [/] [] 1.1"},
    // RFC 9112 section 2.2: a few empty lines may come first
    {"\r\nGET / HTTP/1.1", "GET [/] [] [/] [] 1.1"},
    {"\r\n\r\n\r\n\r\nGET / HTTP/1.1", "GET [/] [] [/] [] 1.1"},
};

struct BadLine {
  int status;
  std::string_view section;
  std::string_view line;
};

constexpr BadLine bad_lines[] = {
    {400, "RFC 9112 section 2.2", "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1"},
    {400, "RFC 9112 section 2.2", "\nGET / HTTP/1.1"},
    {400, "RFC 9112 section 2.2", "\rGET / HTTP/1.1"},
    {400, "RFC 9112 section 2.2", "\r\r\nGET / HTTP/1.1"},
    {400, "RFC 9112 section 2.2", " GET / HTTP/1.1"},
    {400, "RFC 9112 section 2.2", "\tGET / HTTP/1.1"},
    {400, "RFC 9112 section 2.2", " \r\nGET / HTTP/1.1"},
    {400, "RFC 9112 section 2.2", "GET / HTTP/1.1\nX: y"},
    {400, "RFC 9112 section 2.2", "GET / HTTP/1.1\r"},
    {400, "RFC 9112 section 2.2", "GET / HTTP/1.1\rX"},
    {400, "RFC 9112 section 2.2", "GET /\r HTTP/1.1"},
    {400, "RFC 9112 section 2.2", "GE\rT / HTTP/1.1"},

    {400, "RFC 9112 section 3", "GET  / HTTP/1.1"},
    {400, "RFC 9112 section 3", "GET /  HTTP/1.1"},
    {400, "RFC 9112 section 3", "GET  HTTP/1.1"},
    {400, "RFC 9112 section 3", "GET / HTTP/1.1 "},
    {400, "RFC 9112 section 3", "GET / HTTP/1.1\t"},
    {400, "RFC 9112 section 3", "GET\t/ HTTP/1.1"},
    {400, "RFC 9112 section 3", "GET /\tHTTP/1.1"},
    {400, "RFC 9112 section 3", "GET\v/ HTTP/1.1"},
    {400, "RFC 9112 section 3", "GET /\fHTTP/1.1"},
    {400, "RFC 9112 section 3", "GET / a HTTP/1.1"},
    {400, "RFC 9112 section 3", "GET / HTTP/1.1 HTTP/1.1"},
    {400, "RFC 9112 section 3", "GET"},
    {400, "RFC 9112 section 3", "GET /"},
    {400, "RFC 9112 section 3", "GET / "},
    {400, "RFC 9112 section 3", "GET /HTTP/1.1"},
    {400, "RFC 9112 section 3", "/ HTTP/1.1"},
    {400, "RFC 9112 section 3", " / HTTP/1.1"},
    {400, "RFC 9112 section 3", "HTTP/1.1 200 OK"},

    {400, "RFC 9110 section 9.1", "G@T / HTTP/1.1"},
    {400, "RFC 9110 section 9.1", "G(T / HTTP/1.1"},
    {400, "RFC 9110 section 9.1", "G\"T / HTTP/1.1"},
    {400, "RFC 9110 section 9.1", "GET, / HTTP/1.1"},
    {400, "RFC 9110 section 9.1", "GET: / HTTP/1.1"},
    {400, "RFC 9110 section 9.1", "G\0T / HTTP/1.1"sv},
    {400, "RFC 9110 section 9.1", "G\x7fT / HTTP/1.1"},
    {400, "RFC 9110 section 9.1", "G\xc3\x8bT / HTTP/1.1"},
    {400, "RFC 9110 section 9.1", "\x16\x03\x01\x02\x00\x01"sv},  // a client that speaks TLS
    {501, "RFC 9110 section 9.1", "M23456789012345678901234567890123 / HTTP/1.1"},
    {501, "RFC 9110 section 9.1", "M23456789012345678901234567890123\1/ HTTP/1.1"},
    {501, "RFC 9110 section 9.3.6", "CONNECT a.example:80 HTTP/1.1"},
    {501, "RFC 9110 section 9.3.6", "CONNECT / HTTP/1.1"},
    {501, "RFC 9110 section 9.3.6", "CONNECT * HTTP/1.1"},

    {400, "RFC 9112 section 3.2", "GET /#a HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /?a#b HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET # HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /\" HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /< HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /?> HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /a\\b HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /\\?a HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /a\\?\\ HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET \\?a HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET http:\\\\a.example\\ HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET http://a.example\\ HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET http://a.example/\\ HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /?\" HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /?< HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /?\x1f HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /?\x7f HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /?\\\xc3\xa4 HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /?\t HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET \\ HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /\0 HTTP/1.1"sv},
    {400, "RFC 9112 section 3.2", "GET /\x1b HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /\x7f HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /\xc3\xa4 HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /?\x80 HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET /a b HTTP/1.1"},
    {400, "RFC 3986 section 2.1", "GET /% HTTP/1.1"},
    {400, "RFC 3986 section 2.1", "GET /%4 HTTP/1.1"},
    {400, "RFC 3986 section 2.1", "GET /%4?1 HTTP/1.1"},
    {400, "RFC 3986 section 2.1", "GET /%zz HTTP/1.1"},
    {400, "RFC 3986 section 2.1", "GET /%4g HTTP/1.1"},
    {400, "RFC 3986 section 2.1", "GET /%%41 HTTP/1.1"},
    {400, "RFC 3986 section 2.1", "GET /%41%g1 HTTP/1.1"},
    {400, "RFC 3986 section 2.1", "GET http://a.example/%zz HTTP/1.1"},

    {400, "RFC 9112 section 3.2", "GET index.html HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET ?a HTTP/1.1"},
    {400, "RFC 9112 section 3.2", "GET *a HTTP/1.1"},
    {400, "RFC 9112 section 3.2.2", "GET http:/a.example/ HTTP/1.1"},
    {400, "RFC 9112 section 3.2.2", "GET http: HTTP/1.1"},
    {400, "RFC 9112 section 3.2.2", "GET http:// HTTP/1.1"},
    {400, "RFC 9112 section 3.2.2", "GET http:///a HTTP/1.1"},
    {400, "RFC 9112 section 3.2.2", "GET http://?a HTTP/1.1"},
    {400, "RFC 9112 section 3.2.2", "GET http://:80/ HTTP/1.1"},
    {400, "RFC 9112 section 3.2.2", "GET ftp://a.example/ HTTP/1.1"},
    {400, "RFC 9112 section 3.2.2", "GET //a.example@b/%zz HTTP/1.1"},
    {400, "RFC 9112 section 3.2.2", "GET http://b.example/ HTTP/1.1"},
    {400, "RFC 9112 section 3.2.2", "GET http://a.example:81/ HTTP/1.1"},
    {400, "RFC 9110 section 4.2.4", "GET http://u@a.example/ HTTP/1.1"},
    {400, "RFC 9110 section 4.2.4", "GET http://u:p@a.example/ HTTP/1.1"},
    {400, "RFC 9110 section 4.2.4", "GET http://u:1@a.example/ HTTP/1.1"},
    {400, "RFC 9112 section 3.2.3", "GET a.example:80 HTTP/1.1"},
    {400, "RFC 9112 section 3.2.3", "GET a.example HTTP/1.1"},
    {400, "RFC 9112 section 3.2.3", "connect a.example:80 HTTP/1.1"},
    {400, "RFC 9112 section 3.2.4", "GET * HTTP/1.1"},
    {400, "RFC 9112 section 3.2.4", "options * HTTP/1.1"},
    {400, "RFC 9112 section 3.2.4", "OPTIONS ** HTTP/1.1"},
    {400, "RFC 9112 section 3.2.4", "OPTIONS *?a HTTP/1.1"},

    {400, "RFC 9112 section 2.3", "GET / HTTP/1"},
    {400, "RFC 9112 section 2.3", "GET / HTTP/1."},
    {400, "RFC 9112 section 2.3", "GET / HTTP/.1"},
    {400, "RFC 9112 section 2.3", "GET / HTTP/"},
    {400, "RFC 9112 section 2.3", "GET / HTTP"},
    {400, "RFC 9112 section 2.3", "GET / HTTP/1.10"},
    {400, "RFC 9112 section 2.3", "GET / HTTP/01.1"},
    {400, "RFC 9112 section 2.3", "GET / HTTP/1.01"},
    {400, "RFC 9112 section 2.3", "GET / HTTP/10.1"},
    {400, "RFC 9112 section 2.3", "GET / HTTP/1.1.1"},
    {400, "RFC 9112 section 2.3", "GET / HTTP/1,1"},
    {400, "RFC 9112 section 2.3", "GET / HTTP/-1.1"},
    {400, "RFC 9112 section 2.3", "GET / HTTP/1.x"},
    {400, "RFC 9112 section 2.3", "GET / HTTP /1.1"},
    {400, "RFC 9112 section 2.3", "GET / HTTP/ 1.1"},
    {400, "RFC 9112 section 2.3", "GET / http/1.1"},
    {400, "RFC 9112 section 2.3", "GET / Http/1.1"},
    {400, "RFC 9112 section 2.3", "GET / HTTPS/1.1"},
    {400, "RFC 9112 section 2.3", "GET / ICY/1.1"},
    {505, "RFC 9110 section 15.6.6", "GET / HTTP/0.9"},
    {505, "RFC 9110 section 15.6.6", "GET / HTTP/2.0"},
    {505, "RFC 9110 section 15.6.6", "GET / HTTP/9.9"},
    {505, "RFC 9113 section 3.4", "PRI * HTTP/2.0"},
};

}  // namespace

TEST_CASE("good request lines are read into their parts, whatever the segments") {
  for (const GoodLine& row : good_lines) {
    CAPTURE(row.line);
    // Where the target names the host in another case, Host is still the same.
    const std::string input = with_line(row.line);
    const Outcome outcome = check_every_split(read_request, input);
    CHECK(outcome.size == input.size());
    CHECK(outcome.understood == std::string(row.understood) + "\nHost: [a.example]\n");
  }
}

TEST_CASE("bad request lines are refused, whatever the segments") {
  for (const BadLine& row : bad_lines) {
    CAPTURE(row.section);
    CAPTURE(row.line);
    CHECK(check_every_split(read_request, with_line(row.line)).status == row.status);
  }
}

TEST_CASE("a refusal says which rule was broken, not just the next one") {
  const auto rule = [](std::string_view line) { return read_request(with_line(line)).understood; };
  CHECK(rule("GET /#a HTTP/1.1").find("fragment") != std::string::npos);
  CHECK(rule("GET * HTTP/1.1").find("OPTIONS") != std::string::npos);
  CHECK(rule("GET / HTTP/1.1\nX: y").find("CRLF") != std::string::npos);
  CHECK(rule("GET / HTTP/1.1\r\n\n").find("CRLF") != std::string::npos);
  CHECK(rule("GET / HTTP/1.1\r\nX: y\r\n z").find("obs-fold") != std::string::npos);
  CHECK(rule("GET / HTTP/1.1\r\nX : y").find("colon") != std::string::npos);
  CHECK(rule("GET /%zz HTTP/1.1").find("hexadecimal") != std::string::npos);
  CHECK(rule("GET /a\\b HTTP/1.1").find("backslash") != std::string::npos);
}
