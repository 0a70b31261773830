#include "http/grammar.hpp"

#include <doctest/doctest.h>

#include <string>

#include "outcome.hpp"

using std::literals::operator""sv;

namespace {

// All octets of that class, in the order of their numbers.
std::string octets_of(http::CharClass char_class) {
  std::string octets;
  for (int octet = 0; octet < 256; ++octet) {
    const char c = static_cast<char>(octet);
    if (http::is(c, char_class)) octets += c;
  }
  return octets;
}

const std::string upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const std::string lower = "abcdefghijklmnopqrstuvwxyz";

std::string obs_text() {
  std::string octets;
  for (int octet = 0x80; octet < 256; ++octet) octets += static_cast<char>(octet);
  return octets;
}

std::string visible() {
  std::string octets;
  for (char c = 0x21; c < 0x7f; ++c) octets += c;
  return octets;
}

std::string without(std::string text, std::string_view set) {
  std::erase_if(text, [=](char c) { return set.find(c) != set.npos; });
  return text;
}

}  // namespace

TEST_CASE("each class has exactly its octets") {
  CHECK(octets_of(http::digit) == "0123456789");  // RFC 5234 appendix B.1
  CHECK(octets_of(http::hex_digit) == "0123456789ABCDEFabcdef");  // RFC 9112 section 7.1
  CHECK(octets_of(http::blank) == "\t ");  // RFC 9110 section 5.6.3
  CHECK(octets_of(http::field_char) == "\t " + visible() + obs_text());  // RFC 9110 section 5.5
  CHECK(octets_of(http::tchar) ==  // RFC 9110 section 5.6.2
        "!#$%&'*+-.0123456789" + upper + "^_`" + lower + "|~");
  CHECK(octets_of(http::target_char) == without(visible(), "\"#<>"));  // RFC 9112 section 3.2
  CHECK(octets_of(http::host_char) ==  // RFC 3986 section 3.2.2
        "!$%&'()*+-.0123456789;=" + upper + "_" + lower + "~");
}

TEST_CASE("all() asks every octet") {
  CHECK(http::all("", http::digit));
  CHECK(http::all("0123", http::digit));
  CHECK_FALSE(http::all("01x3", http::digit));
  CHECK_FALSE(http::all("012\0"sv, http::digit));
}

TEST_CASE("only ASCII letters have a case") {
  CHECK(http::to_lower('A') == 'a');
  CHECK(http::to_lower('Z') == 'z');
  for (const char c : {'@', '[', 'a', '0', '\xc4', '\0'}) CHECK(http::to_lower(c) == c);
  CHECK(http::iequals("Content-Length", "cONTENT-lENGTH"));
  CHECK_FALSE(http::iequals("chunked", "chunke"));
  CHECK_FALSE(http::iequals("chunke", "chunked"));
  CHECK_FALSE(http::iequals("[", "{"));
  CHECK_FALSE(http::iequals("@", "`"));
  CHECK_FALSE(http::iequals("\xe4", "\xc4"));
}

TEST_CASE("trim() takes SP and HTAB, and nothing else") {
  CHECK(http::trim("") == "");
  CHECK(http::trim(" \t ") == "");
  CHECK(http::trim(" \ta b\t ") == "a b");
  CHECK(http::trim("\va\f") == "\va\f");
  CHECK(http::trim("\xa0") == "\xa0");
}

TEST_CASE("a scanner reads what stands there, waits for what does not, refuses the rest") {
  http::Scanner in("12ab");
  CHECK(in.take(http::digit) == "12");
  CHECK(in.take(http::digit) == "");
  CHECK(in.next_is('a'));
  CHECK(in.next_is(http::tchar));
  CHECK_FALSE(in.next_is('b'));
  CHECK(in.position() == 2);
  CHECK_THROWS_AS(in.expect("x", "a rule"), http::Error);
  CHECK_FALSE(in.expect("abc", "a rule"));
  CHECK(in.position() == 2);
  CHECK(in.expect("ab", "a rule"));
  CHECK(in.position() == 4);
  CHECK_FALSE(in.next_is('a'));
  CHECK_FALSE(in.next_is(http::tchar));
  CHECK_FALSE(in.expect("a", "a rule"));
}

TEST_CASE("a scanner can begin in the middle") {
  http::Scanner in("abcd", 2);
  CHECK(in.position() == 2);
  CHECK(in.take(http::tchar) == "cd");
  CHECK(in.position() == 4);
}

TEST_CASE("a line ends with CRLF only (RFC 9112 section 2.2)") {
  const Parser line_end = [](std::string_view input) {
    return outcome_of([&]() -> std::optional<Outcome> {
      http::Scanner in(input);
      if (!in.expect_line_end("a rule of the caller")) return std::nullopt;
      return Outcome{.size = in.position()};
    });
  };
  CHECK(check_every_split(line_end, "\r\n").size == 2);
  for (const std::string_view bad : {"\n"sv, "\r\r\n"sv, "\rx"sv, " \r\n"sv, "x"sv, "\0"sv}) {
    CAPTURE(bad);
    CHECK(check_every_split(line_end, bad).status == 400);
  }
  CHECK(line_end("x").understood == "a rule of the caller");
  CHECK(line_end("\n").understood != line_end("\r\r").understood);
}

TEST_CASE("a refusal keeps its status and its rule") {
  const http::Error error(431, "there are at most 100 field lines");
  CHECK(error.status() == 431);
  CHECK(error.rule() == "there are at most 100 field lines"sv);
}
