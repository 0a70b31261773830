// Limits of the head. They hold for any segmentation: the byte by byte sending shows it.
#include "check.hpp"

namespace {

std::string with_query_of(std::size_t size) {
  return "GET /reflect?" + std::string(size, 'q') + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {2,
         "RFC 9112 section 3",
         "request lines of 8000 octets and more are to be taken; here 16 KiB is the limit, and "
         "beyond it the answer is 414",
         "parse_request() in http/request.cpp",
         {
             Row("takes a target of 8000 octets", with_query_of(8000), 200),
             Row("takes a target of 16,000 octets", with_query_of(16000), 200),
             Row("refuses a target of 17,000 octets", with_query_of(17000), 414),
             Row("refuses a request line that never ends", "GET /" + std::string(20000, 'a'), 414),
             Row("refuses a long target in absolute form",
                 "GET http://x/" + std::string(17000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414),
         }},
        {2,
         "RFC 6585 section 5",
         "a head of more than 32 KiB, or of more than 100 fields, is answered 431",
         "parse_request() in http/request.cpp",
         {
             Row("takes a field of 30,000 octets", get("A: " + std::string(30000, 'b') + "\r\n"),
                 200),
             Row("takes 100 fields", get(repeated("A: b\r\n", 99)), 200)
                 .with_body(reflected(repeated("a: b\n", 99))),
             Row("refuses 101 fields", get(repeated("A: b\r\n", 100)), 431),
             Row("refuses 1000 fields", get(repeated("A: b\r\n", 999)), 431),
             Row("refuses a field of 33,000 octets", get("A: " + std::string(33000, 'b') + "\r\n"),
                 431),
             Row("refuses a field name of 33,000 octets", get(std::string(33000, 'a') + ": b\r\n"),
                 431),
             Row("refuses a head of 33,000 octets in 90 fields",
                 get(repeated("A: " + std::string(362, 'b') + "\r\n", 90)), 431),
             Row("refuses a head that never ends",
                 "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(40000, 'b'), 431),
         }},
    });

}  // namespace

TEST_CASE("keeps silent about 100 fields without the empty line" * since(2) *
          section("RFC 6585 section 5") *
          rule("a head may have 100 fields; what follows them may be the end of the head") *
          look_at("parse_field_line() in http/request.cpp")) {
  Client client(the_server());
  client.send("GET / HTTP/1.1\r\nHost: x\r\n" + repeated("A: b\r\n", 99));
  client.shut_down_sending();
  client.expect_end();
}
