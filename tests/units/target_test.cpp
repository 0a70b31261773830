#include "http/target.hpp"

#include <doctest/doctest.h>

#include <string>

using http::percent_decode;
using http::query_parameter;

TEST_CASE("each octet can be percent-encoded, in either case (RFC 3986 section 2.1)") {
  constexpr std::string_view upper = "0123456789ABCDEF";
  constexpr std::string_view lower = "0123456789abcdef";
  for (unsigned octet = 0; octet < 256; ++octet) {
    const std::string decoded(1, static_cast<char>(octet));
    for (const std::string_view digits : {upper, lower}) {
      const std::string encoded = {'%', digits[octet >> 4], digits[octet & 15]};
      CHECK(percent_decode(encoded) == decoded);
    }
  }
}

TEST_CASE("what is decoded is not decoded again, and the rest stays as it is") {
  CHECK(percent_decode("") == "");
  CHECK(percent_decode("/a+b") == "/a+b");
  CHECK(percent_decode("/one%2Ftwo%20three") == "/one/two three");
  CHECK(percent_decode("%2541") == "%41");
  CHECK(percent_decode("%%41") == "%A");
  CHECK(percent_decode("%41%42") == "AB");
}

TEST_CASE("a percent sign that begins no triplet is itself") {
  for (const std::string_view text : {"%", "%4", "a%", "a%4", "%zz", "%4g", "%g4", "% 4", "%-1"}) {
    CAPTURE(text);
    CHECK(percent_decode(text) == text);
  }
}

TEST_CASE("the first parameter of a name is found in a query") {
  CHECK(query_parameter("n=1", "n") == "1");
  CHECK(query_parameter("a=1&n=2&n=3", "n") == "2");
  CHECK(query_parameter("nn=1&n=2", "n") == "2");
  CHECK(query_parameter("n=a=b", "n") == "a=b");
  CHECK(query_parameter("n=%20", "n") == "%20");
  CHECK(query_parameter("&&n=1&", "n") == "1");
}

TEST_CASE("a parameter can be empty") {
  CHECK(query_parameter("n", "n") == "");
  CHECK(query_parameter("n=", "n") == "");
  CHECK(query_parameter("n&n=1", "n") == "");
  CHECK(query_parameter("a=1&n", "n") == "");
}

TEST_CASE("a parameter that is not there is not found") {
  for (const std::string_view query : {"", "&", "a", "a=n", "a=1&b=2", "N=1", "n%3D=1", "=n"}) {
    CAPTURE(query);
    CHECK_FALSE(query_parameter(query, "n"));
  }
}
