// Any bytes as what follows the fields of a WebSocket handshake that never change.
#include <algorithm>
#include <string>
#include <string_view>

#include "fuzz.hpp"
#include "http/error.hpp"
#include "http/request.hpp"
#include "websocket/handshake.hpp"

namespace {

constexpr std::string_view beginning =
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
constexpr std::string_view base64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Sec-WebSocket-Key = base64-value-non-empty, of 16 octets          (RFC 6455 section 4.1)
bool is_key(std::string_view text) {
  return text.size() == 24 && text.find_first_not_of(base64) == 22 && text.substr(22) == "==";
}

void check_accepted(const http::Request& request, std::string_view key) {
  require(request.find("sec-websocket-key") == key, "the key is the one that was sent");
  require(request.find("sec-websocket-version") == "13", "the version is the one spoken here");
  require(is_key(key), "the key is base64 of 16 octets");
  const std::string accept = websocket::accept_key(key);
  require(accept.size() == 28 && accept.find_first_not_of(base64) == 27 && accept[27] == '=',
          "the answer is base64 of 20 octets");
}

void check_subprotocols(const http::Request& request) {
  for (const std::string& name : websocket::subprotocols(request)) {
    require(name.find(',') == name.npos, "a comma stands between two names");
    require(name.empty() ||
                (name.find_first_of(" \t") != 0 && name.find_last_of(" \t") + 1 != name.size()),
            "no blank stands around a name");
  }
}

void check_refusal(const http::Request& request, const http::Error& error) {
  const bool known = error.status() == 400 || error.status() == 426 || error.status() == 501;
  require(known, "a refusal is 400, 426, or 501 for the coding of a body");
  if (error.status() != 426) return;
  const auto versions = std::count_if(
      request.fields.begin(), request.fields.end(),
      [](const http::Field& field) { return http::iequals(field.name, "sec-websocket-version"); });
  require(versions != 1 || request.find("sec-websocket-version") != "13",
          "the version is refused because it is another one");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string head =
      std::string(beginning) + std::string(reinterpret_cast<const char*>(data), size);
  http::Request request;
  try {
    if (!http::parse_request(head, request)) return 0;
  } catch (const http::Error&) {
    return 0;  // fuzz_request looks at these
  }
  require(websocket::is_handshake(request), "nothing that follows makes it another request");
  check_subprotocols(request);
  try {
    check_accepted(request, websocket::check_handshake(request));
  } catch (const http::Error& error) {
    check_refusal(request, error);
  }
  return 0;
}
