// Which connections stay open.
#include "check.hpp"

namespace {

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {2,
         "RFC 9112 section 9.6",
         "a request with close in Connection is the last one: the answer says close as well, and "
         "the "
         "connection ends",
         "append_response() in session.cpp",
         {
             Row("closes when asked to", get("Connection: close\r\n"), 200)
                 .with_field("connection: close")
                 .then_closed(),
             Row("knows close in any case", get("Connection: CLOSE\r\n"), 200)
                 .with_field("connection: close")
                 .then_closed(),
             Row("finds close in a list", get("Connection: a, close ,b\r\n"), 200)
                 .with_field("connection: close")
                 .then_closed(),
             Row("finds close in a second Connection field",
                 get("Connection: keep-alive\r\nConnection: close\r\n"), 200)
                 .with_field("connection: close")
                 .then_closed(),
             Row("closes when asked to with a path that is not there",
                 request("GET", "/nothing", "Connection: close\r\n"), 404)
                 .with_field("connection: close")
                 .then_closed(),
         }},
        {2,
         "RFC 9112 section 9.3",
         "a connection of HTTP/1.0 ends after the answer, unless the client asks to keep it",
         "append_response() in session.cpp",
         {
             Row("closes after HTTP/1.0", "GET /reflect HTTP/1.0\r\n\r\n", 200).then_closed(),
             Row("closes after HTTP/1.0 with close and keep-alive",
                 "GET /reflect HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", 200)
                 .then_closed(),
             Row("closes after HTTP/1.0 with another word in Connection",
                 "GET /reflect HTTP/1.0\r\nConnection: keep-alive-not\r\n\r\n", 200)
                 .then_closed(),
         }},
        {3,
         "RFC 9112 section 9.3",
         "a connection of HTTP/1.1 stays open after the answer, unless one side says close",
         "keep_alive() in http/body.cpp",
         {
             Row("keeps a connection open", get(), 200).then_kept(),
             Row("keeps a connection open after HEAD", request("HEAD", "/"), 200).then_kept(),
             Row("keeps a connection open after 404", request("GET", "/nothing"), 404).then_kept(),
             Row("keeps a connection open after 405", request("DELETE", "/"), 405).then_kept(),
             Row("keeps a connection open when asked to", get("Connection: keep-alive\r\n"), 200)
                 .then_kept(),
             Row("keeps a connection open with other words in Connection",
                 get("Connection: closed, not-close\r\n"), 200)
                 .then_kept(),
             Row("keeps a connection open when another field says close",
                 get("X-Connection: close\r\n"), 200)
                 .then_kept(),
             Row("keeps a connection open with an empty Connection", get("Connection:\r\n"), 200)
                 .then_kept(),
             Row("keeps a connection of HTTP/1.2 open", "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 200)
                 .then_kept(),
         }},
        {3,
         "RFC 9112 section 9.3",
         "a client of HTTP/1.0 that asks for keep-alive may get it (here it does), and reads so in "
         "the answer",
         "keep_alive() in http/body.cpp",
         {
             Row("keeps a connection of HTTP/1.0 when asked to",
                 "GET /reflect HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200)
                 .with_field("connection: keep-alive")
                 .then_kept(),
             Row("knows keep-alive in any case",
                 "GET /reflect HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", 200)
                 .with_field("connection: keep-alive")
                 .then_kept(),
             Row("keeps a connection of HTTP/1.0 with a body",
                 "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
                 200)
                 .with_body("hello")
                 .then_kept(),
         }},
        {2,
         "RFC 9110 section 7.8",
         "a server that does not speak the protocol that Upgrade offers goes on with HTTP",
         "respond() in session.cpp",
         {
             Row("does not upgrade to a protocol that it does not know",
                 get("Connection: upgrade\r\nUpgrade: foo/1\r\n"), 200)
                 .with_body(reflected("connection: upgrade\nupgrade: foo/1\n")),
             Row("does not upgrade to HTTP/2",
                 get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n"),
                 200),
             Row("does not mind Upgrade without Connection", get("Upgrade: foo/1\r\n"), 200),
         }},
    });

}  // namespace
