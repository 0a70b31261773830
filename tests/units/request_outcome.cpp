#include "request_outcome.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "http/request.hpp"

namespace {

bool lies_in(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> not_after;
  return not_after(whole.data(), part.data()) &&
         not_after(part.data() + part.size(), whole.data() + whole.size());
}

void check_views(const http::Request& request, std::string_view input) {
  const std::string_view head = request.head;
  CHECK(head.data() == input.data());
  CHECK(lies_in(head, input));
  CHECK(lies_in(request.target, head));
  CHECK((request.authority.empty() || lies_in(request.authority, request.target)));
  CHECK((request.path == "/" || request.path == "*" || lies_in(request.path, request.target)));
  CHECK((request.query.empty() || lies_in(request.query, request.target)));
  for (const http::Field& field : request.fields) {
    CHECK(lies_in(field.name, head));
    CHECK((field.value.empty() || lies_in(field.value, head)));
  }
}

std::string text_of(const http::Request& request) {
  std::string text = request.method;
  for (const std::string_view part :
       {request.target, request.authority, request.path, request.query}) {
    text.append(" [").append(part).append("]");
  }
  text += " 1." + std::to_string(request.minor_version) + '\n';
  for (const http::Field& field : request.fields) {
    text.append(field.name).append(": [").append(field.value).append("]\n");
  }
  return text;
}

}  // namespace

Outcome read_request(std::string_view input) {
  return outcome_of([&]() -> std::optional<Outcome> {
    http::Request request;
    request.method = "LEFT-OVER";  // as the request before may have left it
    request.fields.push_back({"left", "over"});
    request.authority = request.path = request.query = "left-over";
    if (!http::parse_request(input, request)) return std::nullopt;
    check_views(request, input);
    return Outcome{.size = request.head.size(), .understood = text_of(request)};
  });
}
