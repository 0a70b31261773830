// The field Host.
#include "check.hpp"

namespace {

std::string from_host(const std::string& value) {
  return "GET /reflect HTTP/1.1\r\nHost: " + value + "\r\n\r\n";
}

Row takes(const std::string& name, const std::string& value) {
  return Row(name, from_host(value), 200).with_body("GET /reflect HTTP/1.1\nhost: " + value + '\n');
}

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {2,
         "RFC 9112 section 3.2",
         "a request of HTTP/1.1 has exactly one Host; one of HTTP/1.0 may have none",
         "check_host() in http/request.cpp",
         {
             Row("refuses HTTP/1.1 without Host", "GET / HTTP/1.1\r\n\r\n", 400),
             Row("refuses HTTP/1.1 with other fields and no Host", "GET / HTTP/1.1\r\nA: b\r\n\r\n",
                 400),
             Row("refuses two different Hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                 400),
             Row("refuses two equal Hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n", 400),
             Row("refuses two Hosts of different case",
                 "GET / HTTP/1.1\r\nHost: x\r\nhOST: x\r\n\r\n", 400),
             Row("refuses two Hosts that stand apart",
                 "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\nHost: y\r\n\r\n", 400),
             Row("takes HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 200),
             Row("takes HTTP/1.0 with Host", "GET / HTTP/1.0\r\nHost: x\r\n\r\n", 200),
             Row("refuses HTTP/1.0 with two Hosts", "GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n",
                 400),
             Row("knows Host in any case", "GET /reflect HTTP/1.1\r\nhOsT: x\r\n\r\n", 200)
                 .with_body("GET /reflect HTTP/1.1\nhost: x\n"),
             Row("does not take a field like X-Host for Host",
                 "GET / HTTP/1.1\r\nX-Host: x\r\n\r\n", 400),
         }},
        {2,
         "RFC 9110 section 7.2",
         "the value of Host is a host name or address and perhaps a colon and a port (we refuse an "
         "empty one too)",
         "parse_authority() in http/request.cpp",
         {
             takes("takes a Host with a port", "example.org:8000"),
             takes("takes a Host with a colon and no port", "example.org:"),
             takes("takes an IPv4 address as Host", "127.0.0.1:8000"),
             takes("takes an IPv6 address as Host", "[::1]:8000"),
             Row("refuses an empty Host", from_host(""), 400),
             Row("refuses a Host with a space", from_host("x y"), 400),
             Row("refuses a Host with a tab", from_host("x\ty"), 400),
             Row("refuses a Host that is a list", from_host("x, y"), 400),
             Row("refuses a Host with a user", from_host("user@x"), 400),
             Row("refuses a Host with a path", from_host("x/y"), 400),
             Row("refuses a Host with a scheme", from_host("http://x"), 400),
             Row("refuses a Host with a query", from_host("x?y"), 400),
             Row("refuses a Host with a fragment", from_host("x#y"), 400),
             Row("refuses a port with no host", from_host(":8000"), 400),
             Row("refuses letters in the port", from_host("x:8o"), 400),
             Row("refuses a sign in the port", from_host("x:-1"), 400),
             Row("refuses a plus sign in the port", from_host("x:+80"), 400),
             Row("refuses an underscore in the port", from_host("x:8_0"), 400),
             Row("refuses two ports", from_host("x:80:80"), 400),
             Row("refuses an IPv6 address without brackets", from_host("::1"), 400),
             Row("refuses an IPv6 address whose bracket stays open", from_host("[::1"), 400),
             Row("refuses text after an IPv6 address", from_host("[::1]x"), 400),
             Row("refuses a byte outside ASCII in Host", from_host("caf\xc3\xa9.org"), 400),
             Row("refuses a percent sign without digits in Host", from_host("%zz.org"), 400),
         }},
        {2,
         "RFC 3986 section 3.2.2",
         "in brackets stands an IPv6 address, or one of a later version: v, a number in "
         "hexadecimal digits, a dot and the address",
         "is_ip_literal() in http/request.cpp",
         {
             takes("takes a long IPv6 address as Host", "[2001:db8:0:1:2:3:4:5]:8000"),
             takes("takes an IPv6 address that ends as one of IPv4", "[::ffff:127.0.0.1]"),
             takes("takes an address of a later version as Host", "[v7.a:b]:8000"),
             Row("refuses brackets with nothing in them", from_host("[]"), 400),
             Row("refuses a dot in brackets", from_host("[.]"), 400),
             Row("refuses a colon in brackets", from_host("[:]"), 400),
             Row("refuses five digits between the colons of an IPv6 address",
                 from_host("[12345::]"), 400),
             Row("refuses an IPv6 address with two gaps", from_host("[1::2::3]"), 400),
             Row("refuses an IPv6 address of seven parts", from_host("[1:2:3:4:5:6:7]"), 400),
             Row("refuses an IPv6 address with a zone", from_host("[fe80::1%25eth0]"), 400),
             Row("refuses an IPv4 address in brackets", from_host("[127.0.0.1]"), 400),
             Row("refuses a name in brackets", from_host("[localhost]"), 400),
             Row("refuses a later version without an address", from_host("[v7.]"), 400),
             Row("refuses an absolute form with a wrong IPv6 address",
                 "GET http://[12345::]/ HTTP/1.1\r\nHost: [12345::]\r\n\r\n", 400),
         }},
    });

}  // namespace
