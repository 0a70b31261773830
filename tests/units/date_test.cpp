#include <doctest/doctest.h>

#include <ctime>
#include <string>

#include "http/response.hpp"

TEST_CASE("a date is one of RFC 9110 section 5.6.7") {
  CHECK(http::to_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(http::to_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(http::to_date(951782399) == "Mon, 28 Feb 2000 23:59:59 GMT");
  CHECK(http::to_date(951782400) == "Tue, 29 Feb 2000 00:00:00 GMT");
}

// The names that strftime() has in the locale in which each C++ program begins.
TEST_CASE("its names are those of days and months in English") {
  constexpr std::time_t day = 24 * 60 * 60;
  for (std::time_t time = 0; time < 400 * day; time += day) {
    char expected[40];
    std::tm utc;
    gmtime_r(&time, &utc);
    std::strftime(expected, sizeof expected, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    CHECK(http::to_date(time) == expected);
  }
}
