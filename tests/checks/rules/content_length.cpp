// Bodies whose length is given beforehand.
#include "check.hpp"

namespace {

using namespace std::string_literals;

std::string post(const std::string& length, const std::string& body = "hello") {
  return request("POST", "/echo", "Content-Length: " + length + "\r\n", body);
}

Row echoes(const std::string& name, const std::string& body) {
  return Row(name, post(std::to_string(body.size()), body), 200).with_body(body);
}

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {3,
         "RFC 9112 section 6.2",
         "Content-Length says how many octets after the head are the body, whatever they are; the "
         "next "
         "request begins behind them",
         "BodyReader::next() in body_reader.cpp",
         {
             echoes("reads a body of a given length", "hello"),
             echoes("reads an empty body of a given length", ""),
             echoes("keeps every byte of a body", "\0\r\n\t\x7f\x80\xff\\\"%"s),
             echoes("does not take a body for a request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
             echoes("does not take empty lines in a body for its end", "\r\n\r\n"),
             echoes("reads a body of 20,000 octets", std::string(20000, 'b')),
             Row("takes leading zeros in Content-Length", post("0005"), 200).with_body("hello"),
             Row("reads the body of a GET request",
                 request("GET", "/echo", "Content-Length: 5\r\n", "hello"), 200)
                 .with_body("hello"),
             Row("reads the body of a PUT request",
                 request("PUT", "/echo", "Content-Length: 5\r\n", "hello"), 200)
                 .with_body("hello"),
             Row("knows Content-Length in any case",
                 request("POST", "/echo", "cONTENT-lENGTH:5\r\n", "hello"), 200)
                 .with_body("hello"),
             Row("reads a body of HTTP/1.0",
                 "POST /echo HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", 200)
                 .with_body("hello"),
         }},
        {3,
         "RFC 9112 section 6.3",
         "a request with neither Content-Length nor Transfer-Encoding has no body",
         "body_framing() in http/body.cpp",
         {
             Row("takes a POST with no length for one with no body", request("POST", "/echo"), 200)
                 .with_body(""),
             Row("takes a GET with no length for one with no body", request("GET", "/echo"), 200)
                 .with_body(""),
         }},
        {3,
         "RFC 9110 section 8.3",
         "/echo gives back the body with the content type that it came with",
         "respond() in session.cpp",
         {
             Row("gives back the content type of a body",
                 request("POST", "/echo", "Content-Type: text/x-y; z=1\r\nContent-Length: 1\r\n",
                         "a"),
                 200)
                 .with_field("content-type: text/x-y; z=1"),
             Row("calls a body of no type octets", post("5"), 200)
                 .with_field("content-type: application/octet-stream"),
         }},
        {3,
         "RFC 9110 section 8.6",
         "Content-Length is one decimal number, of digits only",
         "parse_content_length() in http/body.cpp",
         {
             Row("refuses an empty Content-Length", post(""), 400),
             Row("refuses a plus sign in Content-Length", post("+5"), 400),
             Row("refuses a minus sign in Content-Length", post("-5"), 400),
             Row("refuses minus zero as Content-Length", post("-0", ""), 400),
             Row("refuses a hexadecimal Content-Length", post("0x5"), 400),
             Row("refuses an underscore in Content-Length", post("1_0"), 400),
             Row("refuses a space in Content-Length", post("1 0"), 400),
             Row("refuses a fraction in Content-Length", post("5.0"), 400),
             Row("refuses an exponent in Content-Length", post("5e0"), 400),
             Row("refuses a word as Content-Length", post("five"), 400),
             Row("refuses quotes around Content-Length", post("\"5\""), 400),
             Row("refuses a parameter after Content-Length", post("5;a"), 400),
             Row("refuses digits that are not ASCII", post("\xd9\xa5"), 400),
             Row("refuses a Content-Length of 2 to the power of 64", post("18446744073709551616"),
                 400),
             Row("refuses a Content-Length of forty digits", post(std::string(40, '9')), 400),
         }},
        {3,
         "RFC 9112 section 6.3",
         "where Content-Length stands more than once, two readers can see two bodies: refused (RFC "
         "9112 "
         "section 11.2)",
         "body_framing() in http/body.cpp",
         {
             Row("refuses two different Content-Lengths",
                 request("POST", "/echo", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
                 400),
             Row("refuses two equal Content-Lengths",
                 request("POST", "/echo", "Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
                 400),
             Row("refuses two Content-Lengths of different case",
                 request("POST", "/echo", "Content-Length: 5\r\ncontent-length: 0\r\n", "hello"),
                 400),
             Row("refuses a list of equal Content-Lengths", post("5, 5"), 400),
             Row("refuses a list of different Content-Lengths", post("5,6"), 400),
             Row("refuses a Content-Length with a comma behind it", post("5,"), 400),
         }},
        {3,
         "RFC 9110 section 15.5.14",
         "a body larger than the server takes (16 MiB, unless told otherwise) is refused when it "
         "is announced",
         "BodyReader::check_size() in body_reader.cpp",
         {
             Row("refuses a body of one octet over 16 MiB", post("16777217"), 413),
             Row("refuses a body of eighteen digits", post("999999999999999999"), 413),
         }},
    });

}  // namespace
