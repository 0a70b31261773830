#include "proxy_headers.hpp"

#include <algorithm>
#include <asio/error_code.hpp>
#include <asio/ip/network_v4.hpp>
#include <asio/ip/network_v6.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

#include "http/grammar.hpp"

namespace {

namespace ip = asio::ip;

// An address. One of IPv4 that is written as one of IPv6, ::ffff:192.0.2.1, is one of IPv4.
std::optional<ip::address> parse_address(std::string_view text) {
  asio::error_code error;
  const ip::address address = ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  if (address.is_v4() || !address.to_v6().is_v4_mapped()) return address;
  return ip::make_address_v4(ip::v4_mapped, address.to_v6());
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// What a proxy reports of a client: its address, and perhaps its port (else 0). As in a URI, an
// address of IPv6 with a port stands in brackets.
struct Client {
  ip::address address;
  std::uint16_t port = 0;
};

std::optional<Client> parse_client(std::string_view text) {
  if (const auto address = parse_address(text)) return Client{*address};
  const bool in_brackets = text.starts_with('[');
  const std::size_t end = in_brackets ? text.find(']') : text.find(':');
  if (end == text.npos) return std::nullopt;
  const auto address = parse_address(in_brackets ? text.substr(1, end - 1) : text.substr(0, end));
  if (!address || address->is_v6() != in_brackets) return std::nullopt;
  text.remove_prefix(in_brackets ? end + 1 : end);
  if (text.empty()) return Client{*address};
  const auto port = parse_number<std::uint16_t>(text.substr(1));
  if (text.front() != ':' || !port) return std::nullopt;
  return Client{*address, *port};
}

// The first `bits` of an address, which two of the same network have in common.
ip::address prefix(const ip::address& address, unsigned short bits) {
  if (address.is_v4()) return ip::network_v4(address.to_v4(), bits).network();
  return ip::network_v6(address.to_v6(), bits).network();
}

// All members of all fields of that name, in their order (RFC 9110 section 5.3).
std::vector<std::string_view> members(const asgi::ConnectionScope& scope, std::string_view name) {
  std::vector<std::string_view> found;
  for (const auto& [field, value] : scope.headers) {
    if (field != name) continue;
    for (std::string_view list = value; !list.empty();) {
      const std::string_view member = http::take_member(list);
      if (!member.empty()) found.push_back(member);  // (section 5.6.1.2)
    }
  }
  return found;
}

}  // namespace

ProxyHeaders::ProxyHeaders(std::string_view trusted) {
  while (!trusted.empty()) {
    const std::string_view member = http::take_member(trusted);
    if (member == "*") {
      trusts_all_ = true;
      continue;
    }
    const std::size_t slash = std::min(member.find('/'), member.size());
    const auto address = parse_address(member.substr(0, slash));
    const unsigned short all_bits = address && address->is_v4() ? 32 : 128;
    const auto bits =
        slash == member.size() ? all_bits : parse_number<unsigned short>(member.substr(slash + 1));
    if (!address || !bits || *bits > all_bits) {
      throw std::runtime_error("--forwarded-allow-ips: '" + std::string(member) +
                               "' is neither an address, nor a network, nor *");
    }
    networks_.push_back({*address, *bits});
  }
}

bool ProxyHeaders::trusts(const ip::address& address) const {
  return trusts_all_ ||
         std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
           return address.is_v4() == network.address.is_v4() &&
                  prefix(address, network.bits) == prefix(network.address, network.bits);
         });
}

void ProxyHeaders::operator()(asgi::Scope& scope) {
  if (auto* const http = std::get_if<asgi::HttpScope>(&scope)) change(*http, "http", "https");
  if (auto* const socket = std::get_if<asgi::WebSocketScope>(&scope)) change(*socket, "ws", "wss");
}

void ProxyHeaders::change(asgi::ConnectionScope& scope, const char* plain, const char* secure) {
  const auto proxy = scope.client ? parse_address(scope.client->host) : std::nullopt;
  if (!proxy || !trusts(*proxy)) return;
  const auto schemes = members(scope, "x-forwarded-proto");
  if (schemes.size() == 1) {  // of several nobody knows which one is the client's
    if (http::iequals(schemes[0], "https") || http::iequals(schemes[0], "wss"))
      scope.scheme = secure;
    if (http::iequals(schemes[0], "http") || http::iequals(schemes[0], "ws")) scope.scheme = plain;
  }
  change_client(scope);
}

// Each proxy appends who has connected to it. So the list is read from its end: the client is the
// first one that is not trusted; what stands before may be forged.
void ProxyHeaders::change_client(asgi::ConnectionScope& scope) {
  const auto reported = members(scope, "x-forwarded-for");
  for (auto member = reported.rbegin(); member != reported.rend(); ++member) {
    const std::optional<Client> client = parse_client(*member);
    if (!client) return;
    client_ = {client->address.to_string(), client->port};
    scope.client = &client_;
    if (!trusts(client->address)) return;
  }
}
