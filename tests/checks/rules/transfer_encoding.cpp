// The field Transfer-Encoding: which codings there are, and what it must not be combined with.
#include "check.hpp"

namespace {

const std::string hello = "5\r\nhello\r\n0\r\n\r\n";

std::string post(const std::string& fields) { return request("POST", "/echo", fields, hello); }

std::string coded(const std::string& coding) {
  return post("Transfer-Encoding: " + coding + "\r\n");
}

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {3,
         "RFC 9112 section 7",
         "chunked is the coding that every server knows, and its letters' case does not count",
         "check_transfer_encoding() in http/body.cpp",
         {
             Row("reads a chunked body", coded("chunked"), 200).with_body("hello"),
             Row("knows chunked in capitals", coded("CHUNKED"), 200).with_body("hello"),
             Row("knows chunked in mixed case", coded("Chunked"), 200).with_body("hello"),
             Row("knows chunked with whitespace around it", coded("\t chunked \t"), 200)
                 .with_body("hello"),
             Row("knows Transfer-Encoding in any case", post("tRANSFER-eNCODING: chunked\r\n"), 200)
                 .with_body("hello"),
             Row("reads a chunked body of a GET request",
                 request("GET", "/echo", "Transfer-Encoding: chunked\r\n", hello), 200)
                 .with_body("hello"),
             Row("does not mind the field TE",
                 post("TE: trailers\r\nTransfer-Encoding: chunked\r\n"), 200)
                 .with_body("hello"),
         }},
        {3,
         "RFC 9112 section 6.1",
         "Transfer-Encoding and Content-Length together are how requests are smuggled past a "
         "proxy: "
         "refused, and the connection closed",
         "body_framing() in http/body.cpp",
         {
             Row("refuses Content-Length before Transfer-Encoding",
                 post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400),
             Row("refuses Transfer-Encoding before Content-Length",
                 post("Transfer-Encoding: chunked\r\nContent-Length: 15\r\n"), 400),
             Row("refuses Transfer-Encoding with a Content-Length of zero",
                 post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"), 400),
             Row("refuses Transfer-Encoding in capitals with Content-Length",
                 post("TRANSFER-ENCODING: CHUNKED\r\nContent-Length: 5\r\n"), 400),
             Row("refuses an unknown coding with Content-Length",
                 post("Transfer-Encoding: x\r\nContent-Length: 5\r\n"), {400, 501}),
         }},
        {3,
         "RFC 9112 section 6.1",
         "HTTP/1.0 has no Transfer-Encoding: where it says so all the same, the framing is in "
         "doubt",
         "body_framing() in http/body.cpp",
         {
             Row("refuses Transfer-Encoding in HTTP/1.0",
                 "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + hello, 400),
             Row("refuses Transfer-Encoding in HTTP/1.0 with keep-alive",
                 "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: "
                 "chunked\r\n\r\n" +
                     hello,
                 400),
         }},
        {3,
         "RFC 9112 section 6.3",
         "chunked comes last and comes once; otherwise nobody can tell where the body ends",
         "check_transfer_encoding() in http/body.cpp",
         {
             Row("refuses chunked twice in a list", coded("chunked, chunked"), 400),
             Row("refuses chunked in two lines",
                 post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400),
             Row("refuses chunked and another coding in two lines",
                 post("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n"), {400, 501}),
             Row("refuses chunked before another coding", coded("chunked, gzip"), 400),
             Row("refuses an empty Transfer-Encoding", coded(""), 400),
             Row("refuses a comma before chunked", coded(", chunked"), 400),
             Row("refuses a comma after chunked", coded("chunked,"), 400),
             Row("refuses chunked with a parameter", coded("chunked;a=b"), 400),
             Row("refuses chunked in quotes", coded("\"chunked\""), 400),
             Row("refuses a space inside chunked", coded("chun ked"), 400),
             Row("refuses text after chunked", coded("chunked x"), 400),
         }},
        {3,
         "RFC 9112 section 6.1",
         "a coding that the server does not know is not implemented: 501",
         "check_transfer_encoding() in http/body.cpp",
         {
             Row("refuses gzip before chunked", coded("gzip, chunked"), 501),
             Row("refuses an unknown coding before chunked", coded("x, chunked"), 501),
             Row("refuses an unknown coding alone", coded("x"), {501, 400}),
             Row("refuses identity", coded("identity"), {501, 400}),
             Row("does not take xchunked for chunked", coded("xchunked"), {501, 400}),
             Row("does not take chunkedx for chunked", coded("chunkedx"), {501, 400}),
         }},
    });

}  // namespace
