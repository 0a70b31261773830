// The request line: spaces, method, version, and how lines end.
#include "check.hpp"

namespace {

using namespace std::string_literals;

const std::string host = "\r\nHost: x\r\n\r\n";

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {2,
         "RFC 9112 section 2.2",
         "a few empty lines before the request line are skipped (four, here); nothing else may "
         "come "
         "before it",
         "skip_empty_lines() in http/request.cpp",
         {
             Row("skips an empty line before the request line", "\r\n" + get(), 200)
                 .with_body(reflected()),
             Row("skips four empty lines before the request line", "\r\n\r\n\r\n\r\n" + get(), 200)
                 .with_body(reflected()),
             Row("refuses more than four empty lines", "\r\n\r\n\r\n\r\n\r\n" + get(), 400),
             Row("refuses a space before the method", " " + get(), 400),
             Row("refuses a tab before the method", "\t" + get(), 400),
             Row("refuses a line of spaces before the request line", "  \r\n" + get(), 400),
             Row("refuses a lone LF before the request line", "\n" + get(), 400),
             Row("refuses a NUL before the method", "\0"s + get(), 400),
         }},
        {2,
         "RFC 9112 section 3",
         "a request line is a method, a target and a version, with exactly one space between them",
         "parse_request_line() in http/request.cpp",
         {
             Row("understands a request line", "GET /reflect HTTP/1.1" + host, 200)
                 .with_body("GET /reflect HTTP/1.1\nhost: x\n"),
             Row("refuses two spaces after the method", "GET  / HTTP/1.1" + host, 400),
             Row("refuses two spaces before the version", "GET /  HTTP/1.1" + host, 400),
             Row("refuses a tab after the method", "GET\t/ HTTP/1.1" + host, 400),
             Row("refuses a tab before the version", "GET /\tHTTP/1.1" + host, 400),
             Row("refuses a form feed in place of a space", "GET\f/ HTTP/1.1" + host, 400),
             Row("refuses a space after the version", "GET / HTTP/1.1 " + host, 400),
             Row("refuses a tab after the version", "GET / HTTP/1.1\t" + host, 400),
             Row("refuses a second version", "GET / HTTP/1.1 HTTP/1.1" + host, 400),
             Row("refuses a space in the target", "GET /a b HTTP/1.1" + host, 400),
             Row("refuses a method with nothing behind it", "GET" + host, 400),
             Row("refuses a target that follows the method directly", "GET/ HTTP/1.1" + host, 400),
             Row("refuses a request line with no target", "GET HTTP/1.1" + host, 400),
             Row("refuses text that is no request at all", "hello, is there anybody?\r\n\r\n", 400),
             Row("refuses the beginning of a TLS handshake", "\x16\x03\x01\x02\x00\x01\x00"s, 400),
         }},
        {2,
         "RFC 9110 section 9.1",
         "a method is a token, any token, and the case of its letters counts",
         "parse_method() in http/request.cpp",
         {
             Row("takes any token for a method", "A!#$%&'*+-.^_`|~09 /reflect HTTP/1.1" + host, 200)
                 .with_body("A!#$%&'*+-.^_`|~09 /reflect HTTP/1.1\nhost: x\n"),
             Row("keeps the case of the method", "Get /reflect HTTP/1.1" + host, 200)
                 .with_body("Get /reflect HTTP/1.1\nhost: x\n"),
             Row("does not take get for GET", "get / HTTP/1.1" + host, 405),
             Row("takes a method of 32 octets", std::string(32, 'M') + " /reflect HTTP/1.1" + host,
                 200),
             Row("refuses a parenthesis in the method", "G(T / HTTP/1.1" + host, 400),
             Row("refuses an at sign in the method", "G@T / HTTP/1.1" + host, 400),
             Row("refuses a colon in the method", "GET: / HTTP/1.1" + host, 400),
             Row("refuses quotes in the method", "\"GET\" / HTTP/1.1" + host, 400),
             Row("refuses a control byte in the method", "GE\x01T / HTTP/1.1" + host, 400),
             Row("refuses a NUL in the method", "GE\0T / HTTP/1.1"s + host, 400),
             Row("refuses a byte outside ASCII in the method", "G\xc3\x89T / HTTP/1.1" + host, 400),
             Row("refuses a letter of Latin-1 in the method", "G\xe9T / HTTP/1.1" + host, 400),
         }},
        {2,
         "RFC 9112 section 3",
         "a method longer than any that the server has is not implemented: 501 (here: over 32 "
         "octets)",
         "parse_method() in http/request.cpp",
         {
             Row("refuses a method of 33 octets",
                 std::string(33, 'M') + " /reflect HTTP/1.1" + host, 501),
             Row("refuses a method that never ends", std::string(20000, 'M'), 501),
         }},
        {2,
         "RFC 9110 section 9.3.6",
         "CONNECT asks a proxy for a tunnel; a server that is none has not implemented it",
         "parse_target() in http/request.cpp",
         {
             Row("refuses CONNECT", "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n", 501),
         }},
        {2,
         "RFC 9112 section 2.3",
         "a version is HTTP/ in capitals, one digit, a dot and one digit",
         "parse_version() in http/request.cpp",
         {
             Row("takes HTTP/1.0", "GET /reflect HTTP/1.0\r\n\r\n", 200)
                 .with_body("GET /reflect HTTP/1.0\n"),
             Row("takes HTTP/1.2 as HTTP/1.1", "GET / HTTP/1.2" + host, 200),
             Row("takes HTTP/1.9 as HTTP/1.1", "GET / HTTP/1.9" + host, 200),
             Row("refuses a request line with no version", "GET /\r\n\r\n", 400),
             Row("refuses an empty version", "GET / " + host, 400),
             Row("refuses HTTP/1", "GET / HTTP/1" + host, 400),
             Row("refuses HTTP/1.", "GET / HTTP/1." + host, 400),
             Row("refuses HTTP/.1", "GET / HTTP/.1" + host, 400),
             Row("refuses HTTP/01.1", "GET / HTTP/01.1" + host, 400),
             Row("refuses HTTP/1.01", "GET / HTTP/1.01" + host, 400),
             Row("refuses HTTP/1.10", "GET / HTTP/1.10" + host, 400),
             Row("refuses HTTP/11.1", "GET / HTTP/11.1" + host, 400),
             Row("refuses HTTP/+1.1", "GET / HTTP/+1.1" + host, 400),
             Row("refuses a comma in the version", "GET / HTTP/1,1" + host, 400),
             Row("refuses a letter after the version", "GET / HTTP/1.1x" + host, 400),
             Row("refuses a version in lower case", "GET / http/1.1" + host, 400),
             Row("refuses a version of mixed case", "GET / Http/1.1" + host, 400),
             Row("refuses another protocol's name", "GET / HTCPCP/1.0" + host, 400),
             Row("refuses a space inside the version", "GET / HTTP /1.1" + host, 400),
         }},
        {2,
         "RFC 9110 section 15.6.6",
         "a well-formed version of another major number is answered 505",
         "parse_version() in http/request.cpp",
         {
             Row("refuses HTTP/2.0", "GET / HTTP/2.0" + host, 505),
             Row("refuses HTTP/0.9", "GET / HTTP/0.9" + host, 505),
             Row("refuses HTTP/9.9", "GET / HTTP/9.9" + host, 505),
             Row("refuses the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
         }},
        {2,
         "RFC 9112 section 2.2",
         "lines end with CR and LF together; neither of them stands alone",
         "Scanner::expect_line_end() in http/grammar.cpp",
         {
             Row("refuses a request line ended by LF alone", "GET / HTTP/1.1\nHost: x\r\n\r\n",
                 400),
             Row("refuses a field line ended by LF alone", "GET / HTTP/1.1\r\nHost: x\n\r\n", 400),
             Row("refuses a head ended by LF alone", "GET / HTTP/1.1\r\nHost: x\r\n\n", 400),
             Row("refuses a head with LF only", "GET / HTTP/1.1\nHost: x\n\n", 400),
             Row("refuses a request line ended by CR alone", "GET / HTTP/1.1\rHost: x\r\n\r\n",
                 400),
             Row("refuses a field line ended by CR alone",
                 "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", 400),
             Row("refuses a head ended by CR alone", "GET / HTTP/1.1\r\nHost: x\r\n\rA: b\r\n\r\n",
                 400),
             Row("refuses a doubled CR", "GET / HTTP/1.1\r\r\nHost: x\r\n\r\n", 400),
             Row("refuses a bare CR in the target", "GET /\rx HTTP/1.1" + host, 400),
             Row("refuses a bare CR in a field value", get("A: b\rc\r\n"), 400),
             Row("refuses a bare CR in a field name", get("A\rb: c\r\n"), 400),
         }},
    });

}  // namespace
