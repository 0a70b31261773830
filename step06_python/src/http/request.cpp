#include "http/request.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "http/error.hpp"
#include "http/grammar.hpp"

namespace http {
namespace {

constexpr std::size_t max_method = 32;
constexpr std::size_t max_empty_lines = 4;

// A client may have sent a few empty lines too many (RFC 9112 section 2.2).
bool skip_empty_lines(Scanner& in) {
  while (in.next_is('\r')) {
    if (in.position() == 2 * max_empty_lines) throw Error(400, "a request follows 4 empty lines");
    if (!in.expect_line_end("")) return false;
  }
  return true;
}

// method = token                                                    (RFC 9110 section 9.1)
bool parse_method(Scanner& in, Request& request) {
  constexpr auto rule = "a request line begins with a method, a token, and one space";
  request.method = in.take(tchar);
  if (request.method.size() > max_method) throw Error(501, "no method here has that many octets");
  if (!in.expect(" ", rule)) return false;
  if (request.method.empty()) throw Error(400, rule);
  return true;
}

// HTTP-version = "HTTP" "/" DIGIT "." DIGIT                         (RFC 9112 section 2.3)
bool parse_version(Scanner& in, Request& request) {
  constexpr auto rule = "a request line ends with the version, as in HTTP/1.1";
  if (!in.expect("HTTP/", rule)) return false;
  const std::string_view major = in.take(digit);
  if (!in.expect(".", rule)) return false;
  const std::string_view minor = in.take(digit);
  if (!in.expect_line_end(rule)) return false;
  if (major.size() != 1 || minor.size() != 1) throw Error(400, rule);
  if (major != "1") throw Error(505, "this server speaks HTTP/1.1 and HTTP/1.0");
  request.minor_version = minor == "0" ? 0 : 1;
  return true;
}

// request-line = method SP request-target SP HTTP-version CRLF      (RFC 9112 section 3)
bool parse_request_line(Scanner& in, Request& request) {
  if (!parse_method(in, request)) return false;
  const std::string_view target = in.take(target_char);
  if (in.next_is('#')) throw Error(400, "a request target has no fragment");
  constexpr auto rule =
      "after the target, visible ASCII without \"<>, come a space and the version";
  if (!in.expect(" ", rule)) return false;
  if (target.empty()) throw Error(400, "one space, not more, stands before the target");
  if (!parse_version(in, request)) return false;
  request.target = target;
  return true;
}

// pct-encoded = "%" HEXDIG HEXDIG                                   (RFC 3986 section 2.1)
void check_percent_encoding(std::string_view text) {
  for (std::size_t i = text.find('%'); i != text.npos; i = text.find('%', i + 1)) {
    if (i + 2 >= text.size() || !is(text[i + 1], hex_digit) || !is(text[i + 2], hex_digit)) {
      throw Error(400, "a '%' in a path or host is followed by two hexadecimal digits");
    }
  }
}

// Browsers, and some servers, take a backslash in a path for a slash; in a query it is a backslash
// for all, and sent as it is.
void check_path(std::string_view path) {
  if (path.find('\\') != path.npos) throw Error(400, "a path has no backslash");
  check_percent_encoding(path);
}

// IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )  (RFC 3986 section 3.2.2)
bool is_future_address(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == text.npos || to_lower(text.front()) != 'v') return false;
  const std::string_view version = text.substr(1, dot - 1);
  const std::string_view address = text.substr(dot + 1);
  return !version.empty() && all(version, hex_digit) && !address.empty() &&
         std::all_of(address.begin(), address.end(),
                     [](char c) { return c == ':' || (c != '%' && is(c, host_char)); });
}

// IP-literal = "[" ( IPv6address / IPvFuture ) "]"                  (RFC 3986 section 3.2.2)
bool is_ip_literal(std::string_view text) {
  if (text.size() < 3 || text.front() != '[' || text.back() != ']') return false;
  const std::string address(text.substr(1, text.size() - 2));
  in6_addr octets;
  return is_future_address(address) || inet_pton(AF_INET6, address.c_str(), &octets) == 1;
}

// The two parts of an authority. There is nobody before an "@" in it: RFC 9110 section 4.2.4.
struct Authority {
  std::string_view host;
  std::uint16_t port;
};

// Whether both name the same server, as RFC 9110 section 4.2.3 compares them.
bool operator==(const Authority& a, const Authority& b) {
  return iequals(a.host, b.host) && a.port == b.port;
}

// uri-host [ ":" port ]: the value of Host, and the authority of a target (RFC 9110 section 7.2)
// A port that is left out or empty is the default one of http.
Authority parse_authority(std::string_view text) {
  constexpr auto rule = "Host is a host name or address, then perhaps a colon and a port";
  constexpr std::uint16_t default_port = 80;
  const bool bracketed = text.starts_with('[');
  const std::string_view host = text.substr(0, bracketed ? text.find(']') + 1 : text.find(':'));
  const bool is_name = !host.empty() && all(host, host_char);
  if (!is_name && !is_ip_literal(host)) throw Error(400, rule);
  check_percent_encoding(host);
  const std::string_view rest = text.substr(host.size());
  if (rest.empty() || rest == ":") return {host, default_port};
  std::uint16_t port = 0;
  const char* const end = rest.data() + rest.size();
  const auto [last, error] = std::from_chars(rest.data() + 1, end, port);
  if (rest.front() != ':' || last != end || error != std::errc()) throw Error(400, rule);
  return {host, port};
}

// absolute-form = "http" "://" authority path-abempty [ "?" query ] (RFC 9112 section 3.2.2)
std::string_view take_authority(std::string_view& target) {
  constexpr std::string_view scheme = "http://";
  if (!iequals(target.substr(0, scheme.size()), scheme)) {
    throw Error(400, "a target begins with '/' or 'http://', or is '*'");
  }
  target.remove_prefix(scheme.size());
  const std::string_view authority = target.substr(0, target.find_first_of("/?"));
  target.remove_prefix(authority.size());
  parse_authority(authority);
  return authority;
}

// request-target = origin-form / absolute-form / authority-form / asterisk-form
//                                                                   (RFC 9112 section 3.2)
void parse_target(Request& request) {
  if (request.method == "CONNECT") throw Error(501, "this server is no proxy: it has no CONNECT");
  if (request.target == "*" && request.method != "OPTIONS") {
    throw Error(400, "the target '*' goes with OPTIONS only");
  }
  std::string_view rest = request.target;
  const bool absolute = rest != "*" && rest.front() != '/';
  request.authority = absolute ? take_authority(rest) : std::string_view();
  request.path = rest.substr(0, rest.find('?'));
  request.query = rest.substr(std::min(request.path.size() + 1, rest.size()));
  if (request.path.empty()) request.path = rest.empty() && request.method == "OPTIONS" ? "*" : "/";
  check_path(request.path);
}

// field-line = field-name ":" OWS field-value OWS                   (RFC 9112 section 5)
bool parse_field_line(Scanner& in, std::vector<Field>& fields) {
  constexpr auto rule = "a field line is a name, a token, then a colon";
  if (in.next_is(blank)) throw Error(400, "no line of a head begins with a blank (obs-fold)");
  const std::string_view name = in.take(tchar);
  if (in.next_is(blank)) throw Error(400, "no blank stands between a field name and its colon");
  if (!in.expect(":", rule)) return false;
  if (name.empty()) throw Error(400, rule);
  if (fields.size() == max_fields) throw Error(431, "there are at most 100 field lines");
  const std::string_view value = in.take(field_char);
  if (!in.expect_line_end("a field value has no control characters")) return false;
  fields.push_back({name, trim(value)});
  return true;
}

// A client sends exactly one Host; one of HTTP/1.0 may send none (RFC 9112 section 3.2). A target
// in absolute-form counts more than Host (section 3.2.2), but as it names the same, either can be
// read.
void check_host(const Request& request) {
  int hosts = 0;
  for (const auto& [name, value] : request.fields) {
    if (!iequals(name, "host")) continue;
    ++hosts;
    const Authority host = parse_authority(value);
    if (!request.authority.empty() && parse_authority(request.authority) != host) {
      throw Error(400, "Host and the authority of the target are the same");
    }
  }
  if (hosts > 1) throw Error(400, "a request has only one Host field");
  if (hosts == 0 && request.minor_version > 0) throw Error(400, "a request has a Host field");
}

}  // namespace

// *( field-line CRLF ) CRLF                                        (RFC 9112 section 2.1)
bool parse_fields(Scanner& in, std::vector<Field>& fields) {
  while (!in.next_is('\r') && !in.next_is('\n')) {
    if (!parse_field_line(in, fields)) return false;
  }
  return in.expect_line_end("");
}

std::optional<std::string_view> Request::find(std::string_view name) const {
  for (const Field& field : fields) {
    if (iequals(field.name, name)) return field.value;
  }
  return std::nullopt;
}

bool Request::has_token(std::string_view name, std::string_view token) const {
  return std::any_of(fields.begin(), fields.end(), [=](const Field& field) {
    return iequals(field.name, name) && list_has(field.value, token);
  });
}

// HTTP-message = start-line CRLF *( field-line CRLF ) CRLF [ message-body ]
//                                                                   (RFC 9112 section 2.1)
// Each limit ends what the scanner can see, so that the answer does not depend on the segments.
bool parse_request(std::string_view input, Request& request) {
  request.method.clear();
  request.target = {};
  request.fields.clear();
  Scanner line(input.substr(0, max_request_line));
  if (!skip_empty_lines(line) || !parse_request_line(line, request)) {
    if (input.size() < max_request_line) return false;
    throw Error(414, "a request line has at most 16384 octets");
  }
  parse_target(request);
  Scanner head(input.substr(0, max_head), line.position());
  if (!parse_fields(head, request.fields)) {
    if (input.size() < max_head) return false;
    throw Error(431, "a head has at most 32768 octets");
  }
  check_host(request);
  request.head = input.substr(0, head.position());
  return true;
}

bool has_begun(std::string_view input) { return input.find_first_not_of("\r\n") != input.npos; }

}  // namespace http
