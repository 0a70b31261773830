#include "asgi/response_writer.hpp"

#include <charconv>
#include <utility>

#include "http/grammar.hpp"
#include "http/response.hpp"

namespace asgi {
namespace {

std::uint64_t to_length(std::string_view value) {
  std::uint64_t length = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, length);
  if (error != std::errc() || rest != end) throw EventError("content-length is not a number");
  return length;
}

// Responses that have no content, whatever the application sends (RFC 9110 sections 15.3.5, 15.3.6
// and 15.4.5).
bool has_no_content(int status) { return status == 204 || status == 205 || status == 304; }

// Fields that count in the head only: a client has to know them before the content, or does not
// look for them behind it (RFC 9110 section 6.5.1).
constexpr std::string_view head_only =
    "connection,content-length,keep-alive,te,trailer,transfer-encoding,upgrade,"  // framing
    "host,cache-control,expect,max-forwards,pragma,range,"  // routing and controls of a request
    "if-match,if-modified-since,if-none-match,if-range,if-unmodified-since,"
    "authorization,proxy-authenticate,proxy-authorization,www-authenticate,cookie,set-cookie,"
    "age,date,expires,location,retry-after,vary,warning,"  // control of the response
    "content-encoding,content-range,content-type";

}  // namespace

// A CR or LF that got into a field would let whoever chose its value write fields of their own, or
// a second response (RFC 9110 section 5.5).
void check_header(std::string_view name, std::string_view value) {
  if (name.empty() || !http::all(name, http::tchar)) throw EventError("a header name is a token");
  if (!http::all(value, http::field_char)) throw EventError("a header has a control character");
}

ResponseWriter::ResponseWriter(std::string& out, const http::Request& request)
    : out_(out),
      is_head_(request.method == "HEAD"),
      wants_trailers_(request.minor_version > 0 && request.has_token("te", "trailers")),
      minor_version_(request.minor_version) {}

void ResponseWriter::early_hint(const HttpResponseEarlyHint& event) {
  if (begun()) throw EventError("http.response.early_hint comes before the body");
  for (const std::string& link : event.links) check_header("link", link);
  if (minor_version_ == 0) return;  // HTTP/1.0 has no 1xx responses
  http::append_status_line(out_, 103);
  for (const std::string& link : event.links) http::append_field(out_, "link", link);
  http::end_head(out_);
}

void ResponseWriter::start(HttpResponseStart event) {
  if (stage_ != Stage::before_start) throw EventError("http.response.start was sent before");
  if (event.status < 200 || event.status > 599) throw EventError("a status is 200 to 599");
  bool length_given = false;
  for (const auto& [name, value] : event.headers) {
    check_header(name, value);
    if (!http::iequals(name, "content-length")) continue;
    if (std::exchange(length_given, true)) throw EventError("content-length is sent once");
    remaining_ = to_length(value);
  }
  length_given_ = length_given;
  start_ = std::move(event);
  stage_ = Stage::head_held;
}

void ResponseWriter::check_body(std::size_t size, bool more_body) {
  if (stage_ == Stage::before_start) throw EventError("http.response.start comes before the body");
  if (stage_ > Stage::body) throw EventError("the response body is complete");
  if (head_held()) choose_framing(size, more_body);
  check_size(size, more_body);
}

void ResponseWriter::body(std::string_view piece, bool more_body, bool keep_alive) {
  if (head_held()) write_head(keep_alive);
  write_piece(piece, more_body);
}

void ResponseWriter::trailers(const HttpResponseTrailers& event) {
  if (stage_ != Stage::trailers) throw EventError("trailers come after the body, if announced");
  for (const auto& [name, value] : event.headers) {
    check_header(name, value);
    if (http::list_has(head_only, name)) throw EventError("this field stands in the head only");
  }
  if (!event.more_trailers) stage_ = Stage::complete;
  if (framing_ != Framing::chunked || is_head_) return;
  if (wants_trailers_) {
    for (const auto& [name, value] : event.headers) http::append_field(out_, name, value);
  }
  if (complete()) http::end_head(out_);
}

// How a client knows where the body ends (RFC 9112 section 6.3).
void ResponseWriter::choose_framing(std::size_t size, bool more_body) {
  const bool size_known = !more_body && !(start_.trailers && wants_trailers_);
  const bool size_unknown = is_head_ && size == 0 && !length_given_;  // GET may have a body
  if (has_no_content(start_.status) || size_unknown) {
    framing_ = Framing::none;
  } else if (length_given_) {
    framing_ = Framing::length;
  } else if (size_known) {
    framing_ = Framing::length;
    remaining_ = size;
  } else {
    framing_ = minor_version_ > 0 ? Framing::chunked : Framing::close;
  }
}

void ResponseWriter::write_head(bool keep_alive) {
  keep_alive_ = keep_alive && framing_ != Framing::close;
  const bool length_is_ours = start_.status == 204 || start_.status == 205;
  bool dated = false;
  bool upgrade = false;
  http::append_status_line(out_, start_.status);
  for (const auto& [name, value] : start_.headers) {
    if (http::iequals(name, "transfer-encoding")) continue;  // framing is the server's
    if (http::iequals(name, "content-length") && length_is_ours) continue;
    if (http::iequals(name, "connection")) {  // so is the connection; it can be ended
      if (http::list_has(value, "close")) keep_alive_ = false;
      continue;
    }
    if (http::iequals(name, "date")) dated = true;
    if (http::iequals(name, "upgrade")) upgrade = true;
    http::append_field(out_, name, value);
  }
  if (framing_ == Framing::length && !length_given_) http::append_content_length(out_, remaining_);
  if (start_.status == 205) http::append_content_length(out_, 0);  // its status does not end it
  if (framing_ == Framing::chunked) http::append_field(out_, "transfer-encoding", "chunked");
  if (!dated) http::append_date(out_);
  http::append_connection(out_, keep_alive_, minor_version_);
  if (upgrade) http::append_field(out_, "connection", "upgrade");  // RFC 9110 section 7.8
  http::end_head(out_);
  stage_ = Stage::body;
}

// The application said how long the body is: the client counts on it (RFC 9110 section 8.6).
void ResponseWriter::check_size(std::size_t size, bool more_body) const {
  if (framing_ != Framing::length || is_head_) return;
  if (size > remaining_) throw EventError("the body is longer than its content-length");
  if (size == remaining_ || more_body) return;
  throw EventError("the body is shorter than its content-length");
}

void ResponseWriter::write_piece(std::string_view piece, bool more_body) {
  const bool chunk = framing_ == Framing::chunked && has_content();
  if (chunk && !piece.empty()) http::append_chunk_size(out_, piece.size());
  if (has_content()) out_ += piece;  // RFC 9110 section 9.3.2
  if (chunk && !piece.empty()) out_ += "\r\n";
  if (framing_ == Framing::length && !is_head_) remaining_ -= piece.size();
  if (more_body) return;
  if (chunk) out_ += "0\r\n";  // last-chunk (RFC 9112 section 7.1)
  stage_ = start_.trailers ? Stage::trailers : Stage::complete;
  if (chunk && !start_.trailers) http::end_head(out_);
}

}  // namespace asgi
