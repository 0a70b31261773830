#pragma once

#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>

#include "http/error.hpp"

namespace http {

/// A response is written front to back: status line, fields, end of the head, content.
/// HTTP-version SP status-code SP [ reason-phrase ] CRLF (RFC 9112 section 4)
void append_status_line(std::string& out, int status);

/// One field line. Name and value are the caller's: they must hold no CR, LF or NUL.
void append_field(std::string& out, std::string_view name, std::string_view value);

/// The field that frames a message by its size in octets (RFC 9110 section 8.6).
void append_content_length(std::string& out, std::size_t size);

/// A time as fields show it, in English whatever the locale is: Sun, 06 Nov 1994 08:49:37 GMT
/// (RFC 9110 section 5.6.7).
std::string to_date(std::time_t time);

/// When the message was made: a server with a clock says so (RFC 9110 section 6.6.1).
void append_date(std::string& out);

/// The Connection field, where what happens next is not the default of the client's version of
/// HTTP/1 (RFC 9112 section 9.3).
void append_connection(std::string& out, bool keep_alive, int minor_version);

/// chunk-size CRLF, before that many octets of chunk data and a CRLF (RFC 9112 section 7.1).
void append_chunk_size(std::string& out, std::size_t size);

/// The empty line that ends the head.
void end_head(std::string& out);

/// The whole answer to a refused request: its status, the rule it broke as text, and notice that
/// the connection ends, for after a request that is not understood nothing else can be.
/// With `head_only` (the answer to HEAD, RFC 9110 section 9.3.2) the content is left out.
void append_refusal(std::string& out, const Error& error, bool head_only);

}  // namespace http
