// Field lines: names, values, and the whitespace around them.
#include "check.hpp"

namespace {

using namespace std::string_literals;

constexpr const char* parse_field_line = "parse_field_line() in http/request.cpp";

Row understands(const std::string& name, const std::string& lines, const std::string& shown) {
  return Row(name, get(lines), 200).with_body(reflected(shown));
}

Row refuses(const std::string& name, const std::string& lines) {
  return Row("refuses " + name, get(lines), 400);
}

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {2,
         "RFC 9112 section 5",
         "a field line is a name, a colon, and a value; spaces and tabs around the value are not "
         "part "
         "of it",
         parse_field_line,
         {
             understands("understands a field line", "A: b\r\n", "a: b\n"),
             understands("takes a value directly after the colon", "A:b\r\n", "a: b\n"),
             understands("trims spaces and tabs around a value", "A: \t b \t \r\n", "a: b\n"),
             understands("keeps whitespace inside a value", "A: b \t c\r\n", "a: b \t c\n"),
             understands("trims no octets of Latin-1 around a value", "A: \xa0\x85" "b\x85\xa0\r\n",
                         "a: \xa0\x85" "b\x85\xa0\n"),
             understands("takes an empty value", "A:\r\n", "a: \n"),
             understands("takes a value of whitespace as empty", "A: \t \r\n", "a: \n"),
             understands("keeps colons in a value", "A: b:c: d\r\n", "a: b:c: d\n"),
             understands("keeps fields in their order, repeated ones too",
                         "B: 1\r\nA: 2\r\nB: 3\r\n", "b: 1\na: 2\nb: 3\n"),
             refuses("a field line with no colon", "Ab\r\n"),
             refuses("a field line with no colon, but a space", "A b\r\n"),
         }},
        {2,
         "RFC 9110 section 5.1",
         "a field name is a token, and its letters' case does not count",
         parse_field_line,
         {
             understands("takes any token for a field name", "!#$%&'*+-.^_`|~0: b\r\n",
                         "!#$%&'*+-.^_`|~0: b\n"),
             understands("does not mind the case of field names", "UPPER-lower: b\r\n",
                         "upper-lower: b\n"),
             refuses("an empty field name", ": b\r\n"),
             refuses("a space inside a field name", "A b: c\r\n"),
             refuses("a parenthesis in a field name", "A(b): c\r\n"),
             refuses("a slash in a field name", "A/b: c\r\n"),
             refuses("an at sign in a field name", "A@b: c\r\n"),
             refuses("brackets in a field name", "A[0]: c\r\n"),
             refuses("quotes around a field name", "\"A\": c\r\n"),
             refuses("a control byte in a field name", "A\x01: c\r\n"),
             refuses("a NUL in a field name", "A\0b: c\r\n"s),
             refuses("a byte outside ASCII in a field name", "\xc3\x84: c\r\n"),
             refuses("a letter of Latin-1 in a field name", "A\xe9: c\r\n"),
         }},
        {2,
         "RFC 9112 section 5.1",
         "no whitespace stands between a field name and its colon",
         parse_field_line,
         {
             refuses("a space before the colon", "A : b\r\n"),
             refuses("a tab before the colon", "A\t: b\r\n"),
             Row("refuses a space before the colon of Host", "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
                 400),
         }},
        {2,
         "RFC 9112 section 5.2",
         "a line that begins with whitespace would continue the line before it (obs-fold): a "
         "server "
         "refuses it",
         parse_field_line,
         {
             refuses("a line folded with a space", "A: b\r\n c\r\n"),
             refuses("a line folded with a tab", "A: b\r\n\tc\r\n"),
             refuses("a folded line that looks like a field", "A: b\r\n C: d\r\n"),
             refuses("a folded line of whitespace only", "A: b\r\n \r\n"),
             Row("refuses a space before the first field line",
                 "GET / HTTP/1.1\r\n Host: x\r\n\r\n", 400),
             Row("refuses a tab before the first field line", "GET / HTTP/1.1\r\n\tHost: x\r\n\r\n",
                 400),
             Row("refuses whitespace in place of the first field line",
                 "GET / HTTP/1.1\r\n \r\nHost: x\r\n\r\n", 400),
         }},
        {2,
         "RFC 9110 section 5.5",
         "a field value has visible characters, spaces, tabs and bytes from 0x80, and no control "
         "bytes",
         parse_field_line,
         {
             understands("takes bytes from 0x80 in a value", "A: \x80\xc3\xa9\xff\r\n",
                         "a: \x80\xc3\xa9\xff\n"),
             understands("takes all visible characters in a value",
                         "A: !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\r\n",
                         "a: !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\n"),
             refuses("a NUL in a value", "A: b\0c\r\n"s),
             refuses("a NUL alone as a value", "A: \0\r\n"s),
             refuses("a control byte in a value", "A: b\x01\r\n"),
             refuses("a backspace in a value", "A: b\b\r\n"),
             refuses("a vertical tab in a value", "A: b\vc\r\n"),
             refuses("an escape in a value", "A: \x1b[31m\r\n"),
             refuses("DEL in a value", "A: b\x7f\r\n"),
             refuses("LF in a value", "A: b\nc\r\n"),
         }},
    });

}  // namespace
