#include "asgi/scope.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "http/grammar.hpp"
#include "http/target.hpp"
#include "utf8.hpp"

namespace asgi {
namespace {

constexpr std::array<std::string_view, 3> http_extensions = {
    "http.response.trailers", "http.response.early_hint", "http.response.pathsend"};

std::optional<Address> address(const std::optional<tcp::endpoint>& endpoint) {
  if (!endpoint) return std::nullopt;
  return Address{endpoint->address().to_string(), endpoint->port()};
}

// Most paths have nothing to decode: those are ASCII (RFC 3986 section 3.3).
std::string decode(std::string_view path) {
  if (path.find('%') == path.npos) return std::string(path);
  return to_valid_utf8(http::percent_decode(path));
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), http::to_lower);
  return lower;
}

}  // namespace

ScopeFactory::ScopeFactory(const Connection& connection, const Options& options, const State& state)
    : options_(options),
      state_(state),
      client_(address(connection.client())),
      server_(address(connection.server())) {}

void ScopeFactory::http(const http::Request& request, std::optional<Scope>& made) const {
  auto& scope = std::get<HttpScope>(made.emplace(std::in_place_type<HttpScope>));
  fill(scope, request);
  scope.scheme = "http";
  scope.method = request.method;
  scope.extensions = http_extensions;
}

void ScopeFactory::fill(ConnectionScope& scope, const http::Request& request) const {
  scope.http_version = request.minor_version == 0 ? "1.0" : "1.1";
  scope.root_path = options_.root_path;
  const bool is_path = request.path != "*";  // which stands for the server as a whole
  if (is_path) scope.raw_path = scope.path = options_.root_path;
  scope.raw_path += request.path;
  scope.path += decode(request.path);
  scope.query_string = request.query;
  scope.headers.reserve(request.fields.size());
  for (const auto& [name, value] : request.fields) {
    scope.headers.emplace_back(to_lower(name), value);
  }
  scope.client = client_;
  scope.server = server_;
  scope.state = state_;
}

}  // namespace asgi
