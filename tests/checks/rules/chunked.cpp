// The chunked coding: sizes, extensions, data, trailers.
#include "check.hpp"

namespace {

using namespace std::string_literals;

std::string chunked(const std::string& body) {
  return request("POST", "/echo", "Transfer-Encoding: chunked\r\n", body);
}

Row reads(const std::string& name, const std::string& body, const std::string& content) {
  return Row(name, chunked(body), 200).with_body(content);
}

Row refuses(const std::string& name, const std::string& body, int status = 400) {
  return Row("refuses " + name, chunked(body), status);
}

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {3,
         "RFC 9112 section 7.1",
         "a chunk is its size in hexadecimal digits, CRLF, that many octets, CRLF; one of size 0 "
         "is the last",
         "parse_chunk_header() in http/body.cpp",
         {
             reads("reads a body of one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"),
             reads("reads a body of several chunks", "2\r\nhe\r\n1\r\nl\r\n2\r\nlo\r\n0\r\n\r\n",
                   "hello"),
             reads("reads a body of no chunk but the last", "0\r\n\r\n", ""),
             reads("reads a size in small letters", "b\r\nhello world\r\n0\r\n\r\n", "hello world"),
             reads("reads a size in capitals", "B\r\nhello world\r\n0\r\n\r\n", "hello world"),
             reads("reads a size of two digits", "10\r\n0123456789abcdef\r\n0\r\n\r\n",
                   "0123456789abcdef"),
             reads("reads a size with leading zeros", "0005\r\nhello\r\n0\r\n\r\n", "hello"),
             reads("reads a last chunk with several zeros", "5\r\nhello\r\n000\r\n\r\n", "hello"),
             reads("does not take data for the end of a chunk", "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
                   "\r\n0\r\n\r\n"),
             reads("keeps every byte of a chunk", "6\r\n\0\r\n\x80\xff;\r\n0\r\n\r\n"s,
                   "\0\r\n\x80\xff;"s),
             refuses("an empty chunk size", "\r\nhello\r\n0\r\n\r\n"),
             refuses("a letter that is no hexadecimal digit", "g\r\nhello\r\n0\r\n\r\n"),
             refuses("a plus sign before a chunk size", "+5\r\nhello\r\n0\r\n\r\n"),
             refuses("a minus sign before a chunk size", "-5\r\nhello\r\n0\r\n\r\n"),
             refuses("0x before a chunk size", "0x5\r\nhello\r\n0\r\n\r\n"),
             refuses("an underscore in a chunk size", "0_5\r\nhello\r\n0\r\n\r\n"),
             refuses("a space before a chunk size", " 5\r\nhello\r\n0\r\n\r\n"),
             refuses("a tab before a chunk size", "\t5\r\nhello\r\n0\r\n\r\n"),
             refuses("a space after a chunk size", "5 \r\nhello\r\n0\r\n\r\n"),
             refuses("a point in a chunk size", "5.0\r\nhello\r\n0\r\n\r\n"),
             refuses("a size ended by LF alone", "5\nhello\r\n0\r\n\r\n"),
             refuses("a size ended by CR alone", "5\rhello\r\n0\r\n\r\n"),
         }},
        {3,
         "RFC 9112 section 7.1",
         "a chunk size that does not fit into the server's integers must not wrap around",
         "parse_chunk_header() in http/body.cpp",
         {
             refuses("a chunk size that wraps to 5", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
             refuses("a chunk size of seventeen digits", "fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
             refuses("a chunk size that never ends", std::string(9000, '1')),
         }},
        {3,
         "RFC 9110 section 15.5.14",
         "a body larger than the server takes (16 MiB, unless told otherwise) is refused when a "
         "chunk's size says so",
         "BodyReader::check_size() in body_reader.cpp",
         {
             refuses("a chunk of 2 to the power of 63", "8000000000000000\r\nhello\r\n0\r\n\r\n",
                     413),
             refuses("a chunk over 16 MiB", "1000001\r\nhello\r\n0\r\n\r\n", 413),
         }},
        {3,
         "RFC 9112 section 7.1",
         "after the data of a chunk stands CRLF, exactly where the size says",
         "parse_chunk_end() in http/body.cpp",
         {
             refuses("data longer than the chunk size", "4\r\nhello\r\n0\r\n\r\n"),
             refuses("data shorter than the chunk size", "6\r\nhello\r\n0\r\n\r\n"),
             refuses("a chunk with no CRLF behind it", "5\r\nhello0\r\n\r\n"),
             refuses("a chunk with LF alone behind it", "5\r\nhello\n0\r\n\r\n"),
             refuses("a chunk with CR alone behind it", "5\r\nhello\r0\r\n\r\n"),
             refuses("a chunk with two bytes in place of CRLF", "5\r\nhelloXX0\r\n\r\n"),
         }},
        {3,
         "RFC 9112 section 7.1.1",
         "a chunk extension is a semicolon, a name, and perhaps = and a value; it is read over",
         "skip_chunk_extensions() in http/body.cpp",
         {
             reads("reads over an extension", "5;a\r\nhello\r\n0\r\n\r\n", "hello"),
             reads("reads over an extension with a value", "5;a=b\r\nhello\r\n0\r\n\r\n", "hello"),
             reads("reads over an extension with a quoted value",
                   "5;a=\"b; c\"\r\nhello\r\n0\r\n\r\n", "hello"),
             reads("reads over an escaped quote in an extension",
                   "5;a=\"\\\"\"\r\nhello\r\n0\r\n\r\n", "hello"),
             reads("reads over whitespace in an extension", "5 ;\ta = b\r\nhello\r\n0\r\n\r\n",
                   "hello"),
             reads("reads over several extensions", "5;a;b=c;d=\"e\"\r\nhello\r\n0\r\n\r\n",
                   "hello"),
             reads("reads over an extension of the last chunk", "5\r\nhello\r\n0;a=b\r\n\r\n",
                   "hello"),
             refuses("a semicolon with no extension", "5;\r\nhello\r\n0\r\n\r\n"),
             refuses("two semicolons", "5;;a\r\nhello\r\n0\r\n\r\n"),
             refuses("an extension with no name", "5;=b\r\nhello\r\n0\r\n\r\n"),
             refuses("an extension with = and no value", "5;a=\r\nhello\r\n0\r\n\r\n"),
             refuses("an extension without a semicolon", "5 a\r\nhello\r\n0\r\n\r\n"),
             refuses("a quoted value that stays open", "5;a=\"b\r\nhello\r\n0\r\n\r\n"),
             refuses("a control byte in an extension", "5;a\x01\r\nhello\r\n0\r\n\r\n"),
             refuses("a NUL in an extension", "5;a=\0\r\nhello\r\n0\r\n\r\n"s),
             refuses("LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"),
             refuses("CR in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
             refuses("LF in a quoted value", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"),
             refuses("a space after an extension", "5;a \r\nhello\r\n0\r\n\r\n"),
             refuses("an extension of 9000 octets",
                     "5;" + std::string(9000, 'a') + "\r\nhello\r\n"),
         }},
        {3,
         "RFC 9112 section 7.1.2",
         "fields after the last chunk follow the rules of fields; they are read, and frame nothing",
         "parse_trailers() in http/body.cpp",
         {
             reads("reads over a trailer", "5\r\nhello\r\n0\r\nA: b\r\n\r\n", "hello"),
             reads("reads over several trailers", "5\r\nhello\r\n0\r\nA: b\r\nC:\r\n\r\n", "hello"),
             reads("takes no length from a trailer",
                   "5\r\nhello\r\n0\r\nContent-Length: 99\r\n\r\n", "hello"),
             reads("takes no coding from a trailer",
                   "5\r\nhello\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n", "hello"),
             reads("takes no close from a trailer", "5\r\nhello\r\n0\r\nConnection: close\r\n\r\n",
                   "hello"),
             refuses("a trailer with no colon", "5\r\nhello\r\n0\r\nAb\r\n\r\n"),
             refuses("a trailer with a space before the colon", "5\r\nhello\r\n0\r\nA : b\r\n\r\n"),
             refuses("a folded trailer", "5\r\nhello\r\n0\r\nA: b\r\n c\r\n\r\n"),
             refuses("a control byte in a trailer", "5\r\nhello\r\n0\r\nA: \x01\r\n\r\n"),
             refuses("a trailer ended by LF alone", "5\r\nhello\r\n0\r\nA: b\n\r\n"),
             refuses("trailers ended by LF alone", "5\r\nhello\r\n0\r\n\n"),
             refuses("trailers of 33,000 octets",
                     "5\r\nhello\r\n0\r\nA: " + std::string(33000, 'b') + "\r\n\r\n", 431),
             refuses("101 trailers", "5\r\nhello\r\n0\r\n" + repeated("A: b\r\n", 101) + "\r\n",
                     431),
         }},
    });

}  // namespace

TEST_CASE("refuses a body that is nearly all chunk extensions" * since(3) *
          section("RFC 9112 section 7.1.1") *
          rule("the octets around the data are limited in all, not only those of one chunk") *
          look_at("BodyReader::begin_chunk() in body_reader.cpp")) {
  Client client(the_server());
  client.send(chunked(repeated("1;" + std::string(7000, 'a') + "\r\nb\r\n", 40)));
  const Answer answer = client.read_answer();
  expect_status(client, answer, {400, 413});
  expect_right_end(client, answer);
}
