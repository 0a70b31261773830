#include "http/body.hpp"

#include <charconv>
#include <vector>

#include "http/error.hpp"
#include "http/grammar.hpp"

namespace http {
namespace {

// Content-Length = 1*DIGIT                                          (RFC 9110 section 8.6)
std::uint64_t parse_content_length(std::string_view value) {
  std::uint64_t length = 0;
  const bool digits = !value.empty() && all(value, digit);
  const char* const end = value.data() + value.size();
  if (!digits || std::from_chars(value.data(), end, length).ec != std::errc()) {
    throw Error(400, "Content-Length is one decimal number of 64 bits");
  }
  return length;
}

// Transfer-Encoding = #transfer-coding; here it is "chunked" or not served (RFC 9112 section 6.1)
void check_transfer_encoding(std::string_view value) {
  if (iequals(value, "chunked")) return;
  const std::string_view first = trim(value.substr(0, value.find(',')));
  const bool other = !first.empty() && all(first, tchar) && !iequals(first, "chunked");
  if (other) throw Error(501, "chunked is the only transfer coding known here");
  throw Error(400, "Transfer-Encoding is the one word chunked");
}

// quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE          (RFC 9110 section 5.6.4)
bool skip_quoted_string(Scanner& in, const char* rule) {
  if (!in.expect("\"", rule)) return false;
  in.take(quoted_char);
  while (in.next_is('\\')) {
    if (!in.expect("\\", rule) || !in.expect(field_char, rule)) return false;
    in.take(quoted_char);
  }
  return in.expect("\"", rule);
}

// token, of which at least the first octet must be there
bool skip_token(Scanner& in, const char* rule) {
  if (!in.expect(tchar, rule)) return false;
  in.take(tchar);
  return true;
}

// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
// chunk-ext-val = token / quoted-string                             (RFC 9112 section 7.1.1)
bool skip_chunk_extensions(Scanner& in) {
  constexpr auto rule = "a chunk extension is a ';', a name, and perhaps '=' and a value";
  while (in.next_is(';') || in.next_is(blank)) {
    in.take(blank);
    if (!in.expect(";", rule)) return false;
    in.take(blank);
    if (!skip_token(in, rule)) return false;
    Scanner value = in;  // looks ahead: are these blanks before a "=", or before the next ";"?
    value.take(blank);
    if (!value.next_is('=')) continue;
    value.expect("=", rule);
    value.take(blank);
    const bool quoted = value.next_is('"');
    const bool whole = quoted ? skip_quoted_string(value, rule) : skip_token(value, rule);
    if (!whole) return false;
    in = value;
  }
  return true;
}

}  // namespace

BodyFraming body_framing(const Request& request) {
  std::optional<std::string_view> length;
  std::optional<std::string_view> coding;
  for (const auto& [name, value] : request.fields) {
    const bool is_length = iequals(name, "content-length");
    if (!is_length && !iequals(name, "transfer-encoding")) continue;
    std::optional<std::string_view>& found = is_length ? length : coding;
    if (found) throw Error(400, "Content-Length and Transfer-Encoding are each sent once at most");
    found = value;
  }
  // Where both are given, or an HTTP/1.0 client (or what stands before it) may not know chunks, two
  // readers can see two different ends: that is request smuggling (RFC 9112 section 6.1).
  if (coding && length) throw Error(400, "a body is framed by one of Content-Length and chunks");
  if (coding && request.minor_version == 0) throw Error(400, "HTTP/1.0 has no Transfer-Encoding");
  if (coding) check_transfer_encoding(*coding);
  return {.chunked = coding.has_value(), .length = length ? parse_content_length(*length) : 0};
}

bool keep_alive(const Request& request) {
  if (request.has_token("connection", "close")) return false;
  return request.minor_version > 0 || request.has_token("connection", "keep-alive");
}

bool expects_continue(const Request& request) {
  if (request.minor_version == 0) return false;  // HTTP/1.0 has no 100 (Continue)
  bool expected = false;
  for (const auto& [name, value] : request.fields) {
    if (!iequals(name, "expect")) continue;
    std::string_view list = value;
    while (!list.empty()) {
      const std::string_view member = take_member(list);
      if (member.empty()) continue;  // it does not count: RFC 9110 section 5.6.1.2
      if (!iequals(member, "100-continue")) throw Error(417, "only 100-continue can be expected");
      expected = true;
    }
  }
  return expected;
}

// chunk = chunk-size [ chunk-ext ] CRLF chunk-data CRLF             (RFC 9112 section 7.1)
// chunk-size = 1*HEXDIG
std::optional<ChunkHeader> parse_chunk_header(std::string_view input) {
  constexpr auto rule = "a chunk begins with its size in hexadecimal digits, ended by CRLF";
  Scanner in(input.substr(0, max_chunk_line));
  const std::string_view digits = in.take(hex_digit);
  std::uint64_t size = 0;
  const char* const end = digits.data() + digits.size();
  if (!digits.empty() && std::from_chars(digits.data(), end, size, 16).ec != std::errc()) {
    throw Error(400, "a chunk size fits into 64 bits");
  }
  const bool begun = !digits.empty() || in.expect(hex_digit, rule);
  if (begun && skip_chunk_extensions(in) && in.expect_line_end(rule)) {
    return ChunkHeader{size, in.position()};
  }
  if (input.size() >= max_chunk_line) throw Error(400, "a chunk header has at most 8192 octets");
  return std::nullopt;
}

bool parse_chunk_end(std::string_view input) {
  return Scanner(input).expect("\r\n", "chunk data is as long as the chunk size says, then CRLF");
}

std::optional<std::size_t> parse_trailers(std::string_view input) {
  std::vector<Field> trailers;
  Scanner in(input.substr(0, max_head));
  if (parse_fields(in, trailers)) return in.position();
  if (input.size() >= max_head) throw Error(431, "trailers have at most 32768 octets");
  return std::nullopt;
}

}  // namespace http
