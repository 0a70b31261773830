#include "asgi/scope.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <string_view>

#include "http/grammar.hpp"
#include "http/target.hpp"
#include "utf8.hpp"
#include "websocket/handshake.hpp"

namespace asgi {
namespace {

constexpr std::array<std::string_view, 3> http_extensions = {
    "http.response.trailers", "http.response.early_hint", "http.response.pathsend"};

constexpr std::array<std::string_view, 1> websocket_extensions = {"websocket.http.response"};

constexpr std::size_t usual_head = 1024;  // octets: most heads are no larger

std::optional<Address> address(const std::optional<tcp::endpoint>& endpoint) {
  if (!endpoint) return std::nullopt;
  return Address{endpoint->address().to_string(), endpoint->port()};
}

}  // namespace

ScopeFactory::ScopeFactory(const Connection& connection, const Options& options, const State& state)
    : options_(options),
      state_(state),
      client_(address(connection.client())),
      server_(address(connection.server())) {}

void ScopeFactory::http(const http::Request& request, std::optional<Scope>& made) {
  ConnectionScope common = show(request, "http");
  common.extensions = http_extensions;
  made.emplace(HttpScope{common, request.method});
}

void ScopeFactory::websocket(const http::Request& request, std::optional<Scope>& made) {
  ConnectionScope common = show(request, "ws");
  common.extensions = websocket_extensions;
  made.emplace(WebSocketScope{common, websocket::subprotocols(request)});
}

void ScopeFactory::shrink() {
  if (head_.capacity() <= usual_head) return;
  for (std::string* const text : {&head_, &made_path_, &made_raw_path_}) std::string().swap(*text);
  std::vector<HeaderView>().swap(headers_);
}

ConnectionScope ScopeFactory::show(const http::Request& request, std::string_view scheme) {
  head_ = request.head;
  copy_fields(request);
  make_paths(request);
  return {.http_version = request.minor_version == 0 ? "1.0" : "1.1",
          .scheme = scheme,
          .path = path_,
          .raw_path = raw_path_,
          .query_string = copied(request.query, request),
          .root_path = options_.root_path,
          .headers = headers_,
          .client = client(),
          .server = server_ ? &*server_ : nullptr,
          .state = state_,
          .extensions = {}};
}

// What is a view of the request's head, as a view of the copy. (A path that was not sent is none.)
std::string_view ScopeFactory::copied(std::string_view part, const http::Request& request) const {
  const std::less<const char*> is_before;  // defined also for pointers to different objects
  const char* const begin = request.head.data();
  if (is_before(part.data(), begin) || !is_before(part.data(), begin + head_.size())) return part;
  return std::string_view(head_).substr(part.data() - begin, part.size());
}

void ScopeFactory::copy_fields(const http::Request& request) {
  headers_.clear();
  for (const auto& [name, value] : request.fields) {
    const std::string_view copy = copied(name, request);
    char* const begin = head_.data() + (copy.data() - head_.data());
    std::transform(begin, begin + copy.size(), begin, http::to_lower);
    headers_.emplace_back(copy, copied(value, request));
  }
}

// Most paths have nothing to decode: those are ASCII (RFC 3986 section 3.3).
void ScopeFactory::make_paths(const http::Request& request) {
  const bool is_path = request.path != "*";  // which stands for the server as a whole
  const bool is_encoded = request.path.find('%') != request.path.npos;
  path_ = raw_path_ = copied(request.path, request);
  if (options_.root_path.empty() && !is_encoded) return;
  made_raw_path_ = is_path ? options_.root_path : "";
  made_path_ = made_raw_path_;
  made_raw_path_ += request.path;
  made_path_ += is_encoded ? to_valid_utf8(http::percent_decode(request.path)) : request.path;
  path_ = made_path_;
  raw_path_ = made_raw_path_;
}

}  // namespace asgi
