#include <doctest/doctest.h>

#include <string_view>

#include "http/request.hpp"

TEST_CASE("empty lines are no beginning of a request (RFC 9112 section 2.2)") {
  for (const std::string_view input : {"", "\r", "\r\n", "\n", "\r\n\r\n\r\n"}) {
    CAPTURE(input);
    CHECK_FALSE(http::has_begun(input));
  }
}

TEST_CASE("a request has begun with its first octet") {
  for (const std::string_view input : {"G", "\r\nG", "\r\n\r\nGET / ", " ", "\r\n ", "\r\n\t"}) {
    CAPTURE(input);
    CHECK(http::has_begun(input));
  }
}
