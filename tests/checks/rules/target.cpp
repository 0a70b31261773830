// The request target: its characters, its four forms, and what it leads to.
#include "check.hpp"

namespace {

using namespace std::string_literals;

std::string target(const std::string& text) {
  return "GET " + text + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

Row reflects(const std::string& name, const std::string& text) {
  return Row(name, target(text), 200).with_body("GET " + text + " HTTP/1.1\nhost: x\n");
}

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {2,
         "RFC 9112 section 3.2.1",
         "a target begins with a slash; its path leads to the resource, its query does not",
         "respond() in session.cpp",
         {
             Row("answers the path /", target("/"), 200).with_body("Hello, World!"),
             reflects("takes a query", "/reflect?x=1"),
             Row("takes an empty query", target("/reflect?"), 200),
             reflects("takes slashes and question marks in a query", "/reflect?a=/b?c"),
             reflects("takes percent-encoding in a query", "/reflect?a=%20%C3%A9"),
             reflects("takes what browsers send in a query", "/reflect?a=|^{}`[]'"),
             reflects("takes a backslash in a query", "/reflect?path=C:\\temp"),
             Row("a query on / leads to /", target("/?x"), 200).with_body("Hello, World!"),
             Row("finds nothing at an unknown path", target("/nothing"), 404),
             Row("finds nothing at a path of another case", target("/Reflect"), 404),
             Row("finds nothing below a resource", target("/reflect/"), 404),
             Row("finds nothing at a path with two slashes", target("//reflect"), 404),
             Row("finds nothing at an encoded question mark", target("/reflect%3Fx=1"), 404),
         }},
        {2,
         "RFC 3986 section 2",
         "a target is made of visible ASCII characters, of which \" < > and # have no place in it",
         "parse_request_line() in http/request.cpp",
         {
             Row("refuses a fragment", target("/#top"), 400),
             Row("refuses a fragment after a query", target("/?a#top"), 400),
             Row("refuses a quote in the target", target("/\"a\""), 400),
             Row("refuses angle brackets in the target", target("/<a>"), 400),
             Row("refuses a quote in the query", target("/?\"a\""), 400),
             Row("refuses angle brackets in the query", target("/?<a>"), 400),
             Row("refuses a control byte in the query", target("/?\x01"), 400),
             Row("refuses a control byte in the target", target("/\x01"), 400),
             Row("refuses a NUL in the target", target("/\0a"s), 400),
             Row("refuses DEL in the target", target("/\x7f"), 400),
             Row("refuses a byte outside ASCII in the path", target("/caf\xc3\xa9"), 400),
             Row("refuses a byte outside ASCII in the query", target("/?\xff"), 400),
             Row("refuses LF in the target", target("/a\nb"), 400),
         }},
        {2,
         "RFC 3986 section 3.3",
         "a path has no backslash, which some read as a slash; in a query browsers send it as it "
         "is, "
         "and we take it there",
         "check_path() in http/request.cpp",
         {
             Row("refuses a backslash in the path", target("/a\\b"), 400),
             Row("refuses a backslash in the path of an absolute form", target("http://x/\\"), 400),
         }},
        {2,
         "RFC 3986 section 2.1",
         "in a path, a percent sign is followed by two hexadecimal digits",
         "check_percent_encoding() in http/request.cpp",
         {
             Row("refuses a percent sign without digits", target("/%zz"), 400),
             Row("refuses a percent sign with one digit", target("/%4"), 400),
             Row("refuses a percent sign with one digit and a letter", target("/%4g"), 400),
             Row("refuses a percent sign at the end", target("/a%"), 400),
             Row("refuses a percent sign with a sign behind it", target("/%+1"), 400),
         }},
        {2,
         "RFC 9112 section 3.2.2",
         "a target may be a whole http URI, which has a host; its path leads to the resource, and "
         "without one it is /",
         "take_authority() in http/request.cpp",
         {
             Row("takes a target in absolute form", target("http://x/reflect"), 200),
             Row("takes an absolute form with a query", target("http://x/reflect?a=b"), 200),
             Row("takes a scheme in capitals", target("HTTP://x/reflect"), 200),
             Row("compares the host without regard to case", target("http://X/reflect"), 200),
             Row("takes an absolute form with no path", target("http://x"), 200)
                 .with_body("Hello, World!"),
             Row("takes an absolute form with a query and no path", target("http://x?a"), 200)
                 .with_body("Hello, World!"),
             Row("takes an absolute form with a port",
                 "GET http://x:8080/ HTTP/1.1\r\nHost: x:8080\r\n\r\n", 200),
             Row("takes an absolute form in HTTP/1.0 without Host",
                 "GET http://x/reflect HTTP/1.0\r\n\r\n", 200),
             Row("finds nothing at an unknown path in absolute form", target("http://x/nothing"),
                 404),
             Row("refuses an absolute form without Host", "GET http://x/ HTTP/1.1\r\n\r\n", 400),
             Row("refuses an absolute form with no host", target("http:///reflect"), 400),
             Row("refuses an absolute form with nothing in it", target("http://"), 400),
             Row("refuses an absolute form with a user", target("http://user@x/"), 400),
             Row("refuses an absolute form with a bad port", target("http://x:8o/"), 400),
             Row("refuses a target of another scheme", target("ftp://x/"), 400),
         }},
        {2,
         "RFC 9112 section 3.2.2",
         "when the target names another host than the field Host, readers can disagree about which "
         "one "
         "counts: we refuse",
         "check_host() in http/request.cpp",
         {
             Row("refuses an absolute form of another host", target("http://y/"), 400),
             Row("refuses an absolute form of another port", target("http://x:81/"), 400),
             Row("refuses an absolute form with a port that begins with 80",
                 target("http://x:800/"), 400),
         }},
        {2,
         "RFC 9110 section 4.2.3",
         "a host with the default port of http, 80, is the same as one with an empty port or none",
         "parse_authority() in http/request.cpp",
         {
             Row("takes an absolute form with the default port", target("http://x:80/reflect"),
                 200),
             Row("takes an absolute form with an empty port", target("http://x:/reflect"), 200),
             Row("takes an absolute form without the default port that Host has",
                 "GET http://x/reflect HTTP/1.1\r\nHost: x:80\r\n\r\n", 200),
             Row("takes an absolute form of an IPv6 address with the default port",
                 "GET http://[::1]:80/reflect HTTP/1.1\r\nHost: [::1]\r\n\r\n", 200),
         }},
        {2,
         "RFC 9112 section 3.2.4",
         "the target * stands for the server as a whole and goes with OPTIONS alone",
         "parse_target() in http/request.cpp",
         {
             Row("takes * with OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 404),
             Row("refuses * with GET", target("*"), 400),
             Row("refuses * with more behind it", "OPTIONS *x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
         }},
        {2,
         "RFC 9112 section 3.2",
         "a target has one of four forms: /path, http://host/path, host:port (for CONNECT), * (for "
         "OPTIONS)",
         "take_authority() in http/request.cpp",
         {
             Row("refuses a target that begins with no slash", target("reflect"), 400),
             Row("refuses host and port with GET", target("x:80"), 400),
             Row("refuses a target that is only a query", target("?a"), 400),
             Row("refuses a relative path", target("../reflect"), 400),
         }},
    });

}  // namespace
