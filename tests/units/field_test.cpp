#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "http/request.hpp"
#include "request_outcome.hpp"

using std::literals::operator""sv;

namespace {

constexpr std::string_view line = "GET / HTTP/1.1\r\n";
constexpr std::string_view understood_line = "GET [/] [] [/] [] 1.1\n";

struct GoodFields {
  std::string_view fields;
  std::string_view understood;
};

constexpr GoodFields good_fields[] = {
    // RFC 9112 section 5, RFC 9110 section 5.1: names are tokens, kept as they were sent
    {"Host: a\r\n", "Host: [a]\n"},
    {"hOsT: a\r\n", "hOsT: [a]\n"},
    {"Host: a\r\n!#$%&'*+-.^_`|~09aZ: b\r\n", "Host: [a]\n!#$%&'*+-.^_`|~09aZ: [b]\n"},
    {"Host: a\r\nX: 1\r\nX: 2\r\nx: 3\r\n", "Host: [a]\nX: [1]\nX: [2]\nx: [3]\n"},
    // RFC 9110 section 5.5: blanks around a value are not of it; it may be empty
    {"Host:a\r\n", "Host: [a]\n"},
    {"Host: \t a \t \r\n", "Host: [a]\n"},
    {"X:\r\nHost: a\r\n", "X: []\nHost: [a]\n"},
    {"X: \t \r\nHost: a\r\n", "X: []\nHost: [a]\n"},
    {"X: a \t b\r\nHost: a\r\n", "X: [a \t b]\nHost: [a]\n"},
    {"X: :a:b\r\nHost: a\r\n", "X: [:a:b]\nHost: [a]\n"},
    {"X: \x80\xff\xc3\xa4\r\nHost: a\r\n", "X: [\x80\xff\xc3\xa4]\nHost: [a]\n"},
    {"X: !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\r\nHost: a\r\n",
     "X: [!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~]\nHost: [a]\n"},
};

struct BadFields {
  std::string_view section;
  std::string_view fields;
};

constexpr BadFields bad_fields[] = {
    {"RFC 9112 section 2.2", "Host: a\n"},
    {"RFC 9112 section 2.2", "Host: a\r\nX: b\nY: c\r\n"},
    {"RFC 9112 section 2.2", "Host: a\r\nX: b\rY: c\r\n"},
    {"RFC 9112 section 2.2", "Host: a\r\nX: b\r\r\n"},
    {"RFC 9112 section 2.2", "Host: a\r\nX\r: b\r\n"},
    {"RFC 9112 section 2.2", "Host: a\r\n\rX: b\r\n"},
    {"RFC 9112 section 2.2", "Host: a\r\n\n"},
    {"RFC 9112 section 2.2", " Host: a\r\n"},
    {"RFC 9112 section 2.2", "\tX: b\r\nHost: a\r\n"},
    {"RFC 9112 section 2.2", " \r\nHost: a\r\n"},
    {"RFC 9112 section 5.1", "Host : a\r\n"},
    {"RFC 9112 section 5.1", "Host\t: a\r\n"},
    {"RFC 9112 section 5.1", "Host: a\r\nX y: b\r\n"},
    {"RFC 9112 section 5.2", "Host: a\r\nX: b\r\n c\r\n"},
    {"RFC 9112 section 5.2", "Host: a\r\nX: b\r\n\tc\r\n"},
    {"RFC 9112 section 5.2", "Host: a\r\nX: b\r\n \r\n"},
    {"RFC 9112 section 5.2", "Host: a\r\n X: b\r\n"},
    {"RFC 9112 section 5", "Host: a\r\n: b\r\n"},
    {"RFC 9112 section 5", "Host: a\r\nX\r\n"},
    {"RFC 9112 section 5", "Host: a\r\nGET / HTTP/1.1\r\n"},
    {"RFC 9110 section 5.1", "Host: a\r\nX@: b\r\n"},
    {"RFC 9110 section 5.1", "Host: a\r\nX(): b\r\n"},
    {"RFC 9110 section 5.1", "Host: a\r\n\"X\": b\r\n"},
    {"RFC 9110 section 5.1", "Host: a\r\nX\0: b\r\n"sv},
    {"RFC 9110 section 5.1", "Host: a\r\nX\x7f: b\r\n"},
    {"RFC 9110 section 5.1", "Host: a\r\nX\xc3\xa4: b\r\n"},
    {"RFC 9110 section 5.5", "Host: a\r\nX: \0\r\n"sv},
    {"RFC 9110 section 5.5", "Host: a\r\nX: b\x01\r\n"},
    {"RFC 9110 section 5.5", "Host: a\r\nX: b\x08\r\n"},
    {"RFC 9110 section 5.5", "Host: a\r\nX: b\vc\r\n"},
    {"RFC 9110 section 5.5", "Host: a\r\nX: b\fc\r\n"},
    {"RFC 9110 section 5.5", "Host: a\r\nX: \x1b[31m\r\n"},
    {"RFC 9110 section 5.5", "Host: a\r\nX: \x7f\r\n"},
    {"RFC 9112 section 3.2", ""},
    {"RFC 9112 section 3.2", "X: Host: a\r\n"},
    {"RFC 9112 section 3.2", "Host: a\r\nHost: a\r\n"},
    {"RFC 9112 section 3.2", "Host: a\r\nX: b\r\nhost: b\r\n"},
    {"RFC 9112 section 3.2", "Host: a\r\nHost:\r\n"},
};

constexpr std::string_view good_hosts[] = {
    "localhost",     "a.example",    "A.EXAMPLE:8000", "127.0.0.1",
    "127.0.0.1:80",  "a:",           "a:00080",        "[::1]",
    "a:65535",       "a:0000000443", "[::1]:8000",     "[::ffff:127.0.0.1]",
    "[2001:DB8::1]", "a_b-c.d~e!",   "%41.example",    "$&'()*+;=.example:1",
};

// RFC 3986 section 3.2.2: what stands in brackets is an IPv6 address, in all the shapes that it
// can have, or one of a version that is still to come.
constexpr std::string_view good_literals[] = {
    "[::]",
    "[::1]",
    "[1::]",
    "[1:2:3:4:5:6:7:8]",
    "[0001:0020:0300:4000:abcd:EF01:0:0]",
    "[::2:3:4:5:6:7:8]",
    "[1::3:4:5:6:7:8]",
    "[1:2:3:4:5:6:7::]",
    "[1:2:3::8]",
    "[::1.2.3.4]",
    "[::ffff:255.255.255.255]",
    "[1:2:3:4:5:6:0.0.0.0]",
    "[1::6:1.2.3.4]",
    "[v1.a]",
    "[V1F.a:b:c]",
    "[vabcdef0123456789.-._~!$&'()*+;=:]",
    "[v1.1.2.3]",
};

constexpr std::string_view bad_literals[] = {
    "[]",
    "[.]",
    "[:]",
    "[:::]",
    "[1]",
    "[12345::]",
    "[::12345]",
    "[1:2:3:4:5:6:7]",
    "[1:2:3:4:5:6:7:8:9]",
    "[1:2:3:4:5:6:7:8::]",
    "[::1:2:3:4:5:6:7:8]",
    "[1::2::3]",
    "[:1:2:3:4:5:6:7]",
    "[1:2:3:4:5:6:7:]",
    "[1:::2]",
    "[::g]",
    "[::1.2.3]",
    "[::1.2.3.4.5]",
    "[::1.2.3.256]",
    "[::1.2.3.04]",
    "[::1.2.3.4:5]",
    "[1:2:3:4:5:6:7:1.2.3.4]",
    "[1.2.3.4]",
    "[127.0.0.1]",
    "[a.example]",
    "[::1%eth0]",
    "[fe80::1%25eth0]",
    "[fe80::1%251]",
    "[::1/64]",
    "[-1::]",
    "[0x1::]",
    "[ ::1]",
    "[::1 ]",
    "[v]",
    "[v.]",
    "[v1]",
    "[v1.]",
    "[v.a]",
    "[vg.a]",
    "[1.a]",
    "[x1.a]",
    "[v1.a%41]",
    "[v1.a,b]",
    "[v1.a/b]",
    "[v1.a@b]",
    "[v1.[a]]",
    "[v1.a\x80]",
};

constexpr std::string_view bad_hosts[] = {
    "",           ":80",     "a,b",
    "a, b",       "a b",     "a/",
    "a/b",        "u@a",     "u:p@a",
    "a@",         "a#b",     "a?b",
    "a\\b",       "\"a\"",   "<a>",
    "a:b",        "a:80x",   "a:-1",
    "a:80:80",    "a: 80",   "a :80",
    "::1",        "[",       "[]",
    "[::1",       "::1]",    "[::1]a",
    "[::1]80",    "[::1]]",  "[[::1]]",
    "[[::1]",     "[:[:1]",  "[g::1]",
    "[::1%25lo]", "[a b]",   "a[::1]",
    "http://a",   "%",       "%4",
    "%zz.a",      "a%:80",   "a.\xc3\xa4",
    "a^b",        "a|b",     "a`b",
    "{a}",        "a:65536", "a:8_0",
    "a:+80",      "a:0x50",  "a:99999999999999999999",
};

}  // namespace

TEST_CASE("good fields are kept in order, without the blanks around their values") {
  for (const GoodFields& row : good_fields) {
    CAPTURE(row.fields);
    const std::string input = std::string(line).append(row.fields).append("\r\n");
    const Outcome outcome = check_every_split(read_request, input);
    CHECK(outcome.size == input.size());
    CHECK(outcome.understood == std::string(understood_line).append(row.understood));
  }
}

TEST_CASE("bad fields are refused, whatever the segments") {
  for (const BadFields& row : bad_fields) {
    CAPTURE(row.section);
    CAPTURE(row.fields);
    const std::string input = std::string(line).append(row.fields).append("\r\n");
    CHECK(check_every_split(read_request, input).status == 400);
  }
}

TEST_CASE("Host is a host and perhaps a port (RFC 9110 section 7.2)") {
  const auto outcome = [](std::string_view before, std::string_view host) {
    return check_every_split(read_request, std::string(before).append(host).append("\r\n\r\n"));
  };
  for (const std::string_view host : good_hosts) {
    CAPTURE(host);
    CHECK(outcome("GET / HTTP/1.1\r\nHost: ", host).status == 0);
    CHECK(outcome("GET / HTTP/1.0\r\nHost: ", host).status == 0);
    const std::string absolute = "GET http://" + std::string(host) + "/ HTTP/1.1\r\nHost: ";
    CHECK(outcome(absolute, host).status == 0);
  }
  for (const std::string_view host : bad_hosts) {
    CAPTURE(host);
    CHECK(outcome("GET / HTTP/1.1\r\nHost: ", host).status == 400);
    CHECK(outcome("GET / HTTP/1.0\r\nHost: ", host).status == 400);
  }
}

TEST_CASE("in brackets stands an address (RFC 3986 section 3.2.2)") {
  const auto status = [](std::string_view before, std::string_view literal, std::string_view port) {
    const std::string host = std::string(literal) + std::string(port);
    const std::string input = std::string(before) + "HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    return check_every_split(read_request, input).status;
  };
  const auto check_all = [&](std::string_view literal, int expected) {
    CAPTURE(literal);
    for (const std::string_view port : {"", ":", ":8000"}) {
      CHECK(status("GET / ", literal, port) == expected);
      const std::string target = "http://" + std::string(literal) + std::string(port);
      CHECK(status("GET " + target + "/a ", literal, port) == expected);
    }
    CHECK(status("GET / ", literal, "x") == 400);
    CHECK(status("GET / ", literal, "80") == 400);
    CHECK(status("GET / ", literal, "]") == 400);
  };
  for (const std::string_view literal : good_literals) check_all(literal, 0);
  for (const std::string_view literal : bad_literals) check_all(literal, 400);
}

TEST_CASE("HTTP/1.0 needs no Host, but has one at most (RFC 9112 section 3.2)") {
  CHECK(check_every_split(read_request, "GET / HTTP/1.0\r\n\r\n").size == 18);
  CHECK(check_every_split(read_request, "GET http://a/ HTTP/1.0\r\n\r\n").size == 26);
  CHECK(check_every_split(read_request, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n").status ==
        400);
}

TEST_CASE("a target in absolute-form and Host name the same host (RFC 9112 section 3.2.2)") {
  const auto status = [](std::string_view target, std::string_view host) {
    const std::string input = "GET http://" + std::string(target) + " HTTP/1.1\r\nHost: ";
    return check_every_split(read_request, input + std::string(host) + "\r\n\r\n").status;
  };
  CHECK(status("a:80/", "a:80") == 0);
  CHECK(status("A/", "a") == 0);
  CHECK(status("[::A]/", "[::a]") == 0);
  for (const std::string_view target : {"a", "a:", "a:80", "a:0080", "A:80"}) {
    for (const std::string_view host : {"a", "a:", "a:80", "a:00080", "A"}) {
      CAPTURE(target);  // RFC 9110 section 4.2.3: the default port, or none, is no other host
      CAPTURE(host);
      CHECK(status(target, host) == 0);
      CHECK(status(std::string(target) + "/b?c", host) == 0);
    }
  }
  CHECK(status("[::1]:80/", "[::1]") == 0);
  CHECK(status("[::1]/", "[::1]:") == 0);
  CHECK(status("[v1.a]:/", "[V1.A]:80") == 0);
  CHECK(status("[::80]/", "[::]") == 400);
  CHECK(status("[::1]/", "[::1]:443") == 400);
  CHECK(status("a:8/", "a") == 400);
  CHECK(status("a/", "a:800") == 400);
  CHECK(status("a:443/", "a") == 400);
  CHECK(status("a.example/", "a") == 400);
  CHECK(status("a/", "a.") == 400);
  CHECK(status("a/", "b") == 400);
  CHECK(status("a/", "a:81") == 400);
  CHECK(status("a:80/", "a:81") == 400);
  CHECK(status("a/", "") == 400);
}

TEST_CASE("a field is found by its name in any case, the first if there are several") {
  http::Request request;
  REQUIRE(http::parse_request("GET / HTTP/1.1\r\nHost: a\r\nX-Y: 1\r\nx-y: 2\r\n\r\n", request));
  CHECK(request.find("x-y").value_or("") == "1");
  CHECK(request.find("HOST").value_or("") == "a");
  CHECK_FALSE(request.find("x").has_value());
  CHECK_FALSE(request.find("").has_value());
}

TEST_CASE("a request can be read again after a refusal and after an incomplete head") {
  http::Request request;
  CHECK_THROWS_AS(http::parse_request("HEAD http://b/?c HTTP/2.0\r\n\r\n", request), http::Error);
  CHECK_FALSE(http::parse_request("PUT http://b/?c HTTP/1.0\r\nHost: b\r\nX:", request));
  REQUIRE(http::parse_request("GET /d HTTP/1.1\r\nHost: a\r\n\r\n", request));
  CHECK(request.method == "GET");
  CHECK(request.target == "/d");
  CHECK(request.authority == "");
  CHECK(request.path == "/d");
  CHECK(request.query == "");
  CHECK(request.minor_version == 1);
  CHECK(request.fields.size() == 1);
}
