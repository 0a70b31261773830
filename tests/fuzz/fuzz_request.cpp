// Any bytes as the head of a request: parse_request(), and what is asked of its result.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "http/body.hpp"
#include "http/error.hpp"
#include "http/request.hpp"

namespace {

struct Outcome {
  int status = 0;  // of the refusal; 0: none
  std::size_t size = 0;  // of the head; 0: it is not complete
  std::string understood{};  // the request, or the rule it broke

  bool operator==(const Outcome&) const = default;
};

bool lies_in(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> not_after;
  return not_after(whole.data(), part.data()) &&
         not_after(part.data() + part.size(), whole.data() + whole.size());
}

void check_views(const http::Request& request, std::string_view input) {
  require(input.starts_with(request.head), "a head is the beginning of the input");
  const std::string_view head = request.head;
  require(lies_in(request.target, head), "the target lies in the head");
  require(request.authority.empty() || lies_in(request.authority, request.target),
          "the authority lies in the target");
  require(request.path == "/" || request.path == "*" || lies_in(request.path, request.target),
          "the path lies in the target");
  require(request.query.empty() || lies_in(request.query, request.target),
          "the query lies in the target");
  for (const auto& [name, value] : request.fields) {
    require(!name.empty() && lies_in(name, head), "a field name lies in the head");
    require(value.empty() || lies_in(value, head), "a field value lies in the head");
  }
}

// The head as a client would send it. It is not longer than the one that was read.
std::string head_of(const http::Request& request) {
  std::string head = request.method + ' ';
  head.append(request.target).append(request.minor_version == 0 ? " HTTP/1.0" : " HTTP/1.1");
  for (const auto& [name, value] : request.fields) {
    head.append("\r\n").append(name).append(":").append(value);
  }
  return head + "\r\n\r\n";
}

std::string text_of(const http::Request& request) {
  std::string text = head_of(request);
  return text.append(request.authority)
      .append(" ")
      .append(request.path)
      .append(" ")
      .append(request.query);
}

// The copy ends where the input ends, so that a sanitizer sees it read on.
Outcome read_head(std::string_view input, http::Request& request) {
  const std::vector<char> copy(input.begin(), input.end());
  const std::string_view text(copy.data(), copy.size());
  try {
    if (!http::parse_request(text, request)) return {};
    check_views(request, text);
    return {.size = request.head.size(), .understood = text_of(request)};
  } catch (const http::Error& error) {
    return {.status = error.status(), .understood = error.rule()};
  }
}

void check_segments(std::string_view input, const Outcome& whole, http::Request& request) {
  Segments segments(input);
  Outcome part;
  std::size_t size = 0;
  while (part == Outcome() && size < input.size()) {
    size = std::min(size + segments.next(), input.size());
    part = read_head(input.substr(0, size), request);
  }
  require(part == whole, "the result is the same whatever the segments");
}

// What step 03 asks of a request that was read: it may refuse it, and nothing else.
void check_framing(const http::Request& request) {
  const auto times = [&](std::string_view name) {
    return std::count_if(request.fields.begin(), request.fields.end(),
                         [=](const http::Field& field) { return http::iequals(field.name, name); });
  };
  const auto codings = times("transfer-encoding");
  const auto lengths = times("content-length");
  try {
    const http::BodyFraming framing = http::body_framing(request);
    require(codings + lengths <= 1, "a body has one framing at most");
    require(framing.chunked == (codings == 1), "chunked is told by Transfer-Encoding");
    require(lengths == 1 || framing.length == 0, "a length is told by Content-Length");
    http::keep_alive(request);
    http::expects_continue(request);
  } catch (const http::Error& error) {
    require(error.status() >= 400, "a refusal has the status of an error");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  http::Request request;
  const Outcome whole = read_head(input, request);
  check_segments(input, whole, request);
  require(read_head(input, request) == whole, "the same bytes give the same result again");
  if (whole.size == 0) return 0;
  http::parse_request(input, request);
  check_framing(request);
  require(read_head(input.substr(0, whole.size), request) == whole, "what follows changes nothing");
  http::parse_request(input, request);
  const std::string again = head_of(request);
  require(read_head(again, request).understood == whole.understood,
          "what was understood is understood again");
  return 0;
}
