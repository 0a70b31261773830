#include <doctest/doctest.h>

#include <ctime>
#include <string>
#include <string_view>

#include "http/response.hpp"

namespace {

std::string date() {
  std::string out;
  http::append_date(out);
  return out;
}

std::string connection(bool keep_alive, int minor_version) {
  std::string out;
  http::append_connection(out, keep_alive, minor_version);
  return out;
}

// IMF-fixdate = day-name "," SP date1 SP time-of-day SP GMT          (RFC 9110 section 5.6.7)
// The time it tells; -1 where it is anything but the one way to tell that time.
std::time_t time_of(const std::string& line) {
  std::tm parts{};
  const char* const format = "date: %a, %d %b %Y %H:%M:%S GMT\r\n";
  const char* const end = strptime(line.c_str(), format, &parts);
  if (end == nullptr || *end != '\0') return -1;
  const std::time_t time = timegm(&parts);
  char again[64];
  std::strftime(again, sizeof again, format, gmtime_r(&time, &parts));
  return line == again ? time : -1;
}

}  // namespace

TEST_CASE("Date is an IMF-fixdate of now (RFC 9110 section 6.6.1)") {
  const std::time_t before = std::time(nullptr);
  const std::time_t told = time_of(date());
  const std::time_t after = std::time(nullptr);
  CHECK(told >= before);
  CHECK(told <= after);
  CHECK(date().size() == std::string_view("date: Sun, 06 Nov 1994 08:49:37 GMT\r\n").size());
}

TEST_CASE("Date goes on with the clock") {
  const std::time_t first = time_of(date());
  while (std::time(nullptr) == first) {
    timespec nap{0, 20'000'000};
    nanosleep(&nap, nullptr);
  }
  const std::time_t second = time_of(date());
  CHECK(second > first);
  CHECK(second <= std::time(nullptr));
}

TEST_CASE("Connection says what the client's version does not (RFC 9112 section 9.3)") {
  CHECK(connection(true, 1) == "");
  CHECK(connection(true, 0) == "connection: keep-alive\r\n");
  CHECK(connection(false, 1) == "connection: close\r\n");
  CHECK(connection(false, 0) == "connection: close\r\n");
}

TEST_CASE("a refusal has a Date, and each status of this step a phrase") {
  for (const int status : {408, 413, 417, 503}) {
    std::string out;
    http::append_refusal(out, http::Error(status, "a rule"), true);
    CAPTURE(out);
    CHECK(out.find("\r\ndate: ") != out.npos);
    CHECK(out.find(" \r\n") == out.npos);
  }
}
