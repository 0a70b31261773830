#include "websocket/handshake.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

#include "http/body.hpp"
#include "http/error.hpp"
#include "http/grammar.hpp"
#include "http/response.hpp"

namespace websocket {
namespace {

// What to speak instead                        (RFC 9110 section 15.5.22, RFC 6455 section 4.4)
constexpr std::pair<std::string_view, std::string_view> version_spoken[] = {
    {"upgrade", "websocket"}, {"sec-websocket-version", "13"}, {"connection", "upgrade"}};

// A field that a handshake has exactly once.
std::optional<std::string_view> find_once(const http::Request& request, std::string_view name) {
  const auto count =
      std::count_if(request.fields.begin(), request.fields.end(),
                    [=](const http::Field& field) { return http::iequals(field.name, name); });
  return count == 1 ? request.find(name) : std::nullopt;
}

// The base64 of 16 octets: 22 characters, and "==" for the padding.
bool is_key(std::string_view text) {
  std::array<unsigned char, 18> octets;
  if (text.size() != 24 || !text.ends_with("==") || text.find('=') != 22) return false;
  return EVP_DecodeBlock(octets.data(), reinterpret_cast<const unsigned char*>(text.data()), 24) ==
         18;
}

// What the server says itself in its answer to the handshake, or what a 101 does not have (RFC 9110
// section 8.6, RFC 9112 section 6.1).
bool is_the_servers(std::string_view name) {
  constexpr std::string_view names[] = {
      "upgrade",        "connection",       "sec-websocket-accept", "sec-websocket-extensions",
      "content-length", "transfer-encoding"};
  return std::any_of(std::begin(names), std::end(names),
                     [=](std::string_view own) { return http::iequals(name, own); });
}

}  // namespace

bool is_handshake(const http::Request& request) {
  return request.method == "GET" && request.minor_version > 0 &&
         request.has_token("connection", "upgrade") && request.has_token("upgrade", "websocket");
}

std::string_view check_handshake(const http::Request& request) {
  const http::BodyFraming framing = http::body_framing(request);
  if (framing.chunked || framing.length > 0) throw http::Error(400, "a handshake has no body");
  http::expects_continue(request);  // throws 417 where it is anything else
  if (find_once(request, "sec-websocket-version") != "13") {
    throw http::Error(426, "the version of WebSocket spoken here is 13", version_spoken);
  }
  const std::string_view key = find_once(request, "sec-websocket-key").value_or("");
  if (!is_key(key)) throw http::Error(400, "Sec-WebSocket-Key is the base64 of 16 octets");
  for (const std::string& name : subprotocols(request)) {
    if (!http::all(name, http::tchar)) throw http::Error(400, "a subprotocol's name is a token");
  }
  return key;
}

std::string accept_key(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> hash;
  EVP_Digest(text.data(), text.size(), hash.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, 29> base64;
  EVP_EncodeBlock(base64.data(), hash.data(), static_cast<int>(hash.size()));
  return std::string(reinterpret_cast<const char*>(base64.data()));
}

void append_acceptance(std::string& out, const Acceptance& acceptance,
                       std::span<const std::pair<std::string, std::string>> fields) {
  const auto& [key, subprotocol, extension] = acceptance;
  http::append_status_line(out, 101);
  http::append_field(out, "upgrade", "websocket");
  http::append_field(out, "connection", "upgrade");
  http::append_field(out, "sec-websocket-accept", key);
  if (!subprotocol.empty()) http::append_field(out, "sec-websocket-protocol", subprotocol);
  if (!extension.empty()) http::append_field(out, "sec-websocket-extensions", extension);
  bool dated = false;
  for (const auto& [name, value] : fields) {
    if (is_the_servers(name)) continue;
    if (http::iequals(name, "date")) dated = true;
    http::append_field(out, name, value);
  }
  if (!dated) http::append_date(out);
  http::end_head(out);
}

std::vector<std::string> subprotocols(const http::Request& request) {
  std::vector<std::string> names;
  for (const auto& [name, value] : request.fields) {
    if (!http::iequals(name, "sec-websocket-protocol")) continue;
    std::string_view list = value;
    while (!list.empty()) {
      const std::string_view member = http::take_member(list);
      if (!member.empty()) names.emplace_back(member);  // others do not count: RFC 9110 5.6.1.2
    }
  }
  return names;
}

}  // namespace websocket
