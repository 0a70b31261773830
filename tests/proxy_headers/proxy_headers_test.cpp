#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "proxy_headers.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace {

using Fields = std::vector<asgi::HeaderView>;

constexpr std::string_view xff = "x-forwarded-for";
constexpr std::string_view proto = "x-forwarded-proto";

// What a scope shows when `trusted` are trusted, and `peer` has sent `fields`.
struct Seen {
  std::string scheme;
  std::string client;
  int port = 0;
};

template <typename Kind>
Seen changed(std::string_view trusted, std::string_view peer, const Fields& fields,
             std::string_view scheme) {
  const asgi::State state;
  const asgi::Address address{std::string(peer), 4321};
  const asgi::ConnectionScope common{.http_version = "1.1",
                                     .scheme = scheme,
                                     .path = "/",
                                     .raw_path = "/",
                                     .query_string = "",
                                     .root_path = "",
                                     .headers = fields,
                                     .client = peer.empty() ? nullptr : &address,
                                     .server = nullptr,
                                     .state = state,
                                     .extensions = {}};
  asgi::Scope scope = Kind{common, {}};
  ProxyHeaders change(trusted);
  change(scope);
  const auto& after = std::get<Kind>(scope);
  if (!after.client) return {std::string(after.scheme), "", 0};
  return {std::string(after.scheme), after.client->host, after.client->port};
}

Seen http(std::string_view trusted, std::string_view peer, const Fields& fields) {
  return changed<asgi::HttpScope>(trusted, peer, fields, "http");
}

std::string client(std::string_view trusted, std::string_view reported) {
  return http(trusted, "127.0.0.1", {{xff, reported}}).client;
}

std::string scheme(std::string_view reported) {
  return http("*", "127.0.0.1", {{proto, reported}}).scheme;
}

TEST_CASE("the client and the scheme are those that a trusted proxy reports") {
  const Seen seen = http("127.0.0.1", "127.0.0.1", {{xff, "192.0.2.7"}, {proto, "https"}});
  CHECK(seen.scheme == "https");
  CHECK(seen.client == "192.0.2.7");
  CHECK(seen.port == 0);
}

TEST_CASE("who is not trusted is not believed") {
  const Seen seen = http("127.0.0.1", "192.0.2.66", {{xff, "192.0.2.7"}, {proto, "https"}});
  CHECK(seen.scheme == "http");
  CHECK(seen.client == "192.0.2.66");
  CHECK(seen.port == 4321);
  CHECK(http("", "127.0.0.1", {{xff, "192.0.2.7"}}).client == "127.0.0.1");
  CHECK(http("*", "", {{xff, "192.0.2.7"}}).client.empty());  // it had gone already
}

TEST_CASE("the client is the last one that no proxy of ours has reported: the rest may be forged") {
  CHECK(client("127.0.0.1", "203.0.113.9, 192.0.2.7") == "192.0.2.7");
  CHECK(client("127.0.0.1, 10.0.0.0/8", "203.0.113.9, 192.0.2.7, 10.1.2.3") == "192.0.2.7");
  CHECK(client("*", "203.0.113.9, 192.0.2.7") == "203.0.113.9");
  CHECK(client("127.0.0.1", ",, 203.0.113.9, ,192.0.2.7,,") == "192.0.2.7");
  CHECK(client("127.0.0.1, 10.0.0.0/8", "10.9.9.9, 10.1.2.3") == "10.9.9.9");
}

TEST_CASE("several fields are one list") {
  const Fields fields = {{xff, "203.0.113.9"}, {"accept", "*/*"}, {xff, "192.0.2.7 ,\t10.1.2.3"}};
  CHECK(http("127.0.0.1,10.0.0.0/8", "127.0.0.1", fields).client == "192.0.2.7");
}

TEST_CASE("what is no address ends the list") {
  for (const char* const none : {"", "unknown", "_hidden", "192.0.2", "192.0.2.7:", "192.0.2.7:x",
                                 "192.0.2.7:65536", "[192.0.2.7]:1", "[2001:db8::1", "2001:db8::g",
                                 "192.0.2.7 192.0.2.8", "<script>"}) {
    CAPTURE(none);
    CHECK(client("*", none) == "127.0.0.1");
    CHECK(client("*", std::string(none) + ", 192.0.2.1") == "192.0.2.1");
  }
}

TEST_CASE("an address may have a port, and one of IPv6 stands in brackets then") {
  CHECK(client("*", "192.0.2.7:99") == "192.0.2.7");
  CHECK(http("*", "::1", {{xff, "192.0.2.7:99"}}).port == 99);
  CHECK(client("*", "2001:DB8::1") == "2001:db8::1");
  CHECK(client("*", "[2001:db8::1]") == "2001:db8::1");
  CHECK(client("*", "[2001:db8::1]:65535") == "2001:db8::1");
  CHECK(client("*", "::ffff:192.0.2.7") == "192.0.2.7");
}

TEST_CASE("trusted are addresses, networks, or all") {
  const auto trusts = [](std::string_view list, std::string_view peer) {
    return http(list, peer, {{xff, "192.0.2.7"}}).client == "192.0.2.7";
  };
  CHECK(trusts("10.0.0.0/8", "10.255.255.255"));
  CHECK_FALSE(trusts("10.0.0.0/8", "11.0.0.0"));
  CHECK(trusts("10.1.2.3/8", "10.9.9.9"));
  CHECK(trusts("0.0.0.0/0", "198.51.100.1"));
  CHECK_FALSE(trusts("0.0.0.0/0", "2001:db8::1"));
  CHECK(trusts("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(trusts("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(trusts("::1", "::1"));
  CHECK(trusts(" 10.0.0.1 , 127.0.0.1 ", "127.0.0.1"));
  CHECK(trusts("127.0.0.1", "::ffff:127.0.0.1"));
  CHECK(trusts("::ffff:127.0.0.1", "127.0.0.1"));
}

TEST_CASE("what is neither is refused") {
  for (const char* const list : {"localhost", "10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.0/-1",
                                 "10.0.0.0/8/8", "/8", "127.0.0.1;::1", "127.0.0.1:80"}) {
    CAPTURE(list);
    CHECK_THROWS_AS(ProxyHeaders{list}, std::runtime_error);
  }
}

TEST_CASE("a scheme is http or https, in any case, and one") {
  CHECK(scheme("https") == "https");
  CHECK(scheme("HTTPS") == "https");
  CHECK(scheme("http") == "http");
  CHECK(scheme("wss") == "https");
  for (const char* const none : {"", "ftp", "https, http", "https://", "javascript"}) {
    CAPTURE(none);
    CHECK(scheme(none) == "http");
  }
  CHECK(http("*", "127.0.0.1", {{proto, "https"}, {proto, "http"}}).scheme == "http");
}

TEST_CASE("a WebSocket's scheme is ws or wss") {
  const auto socket = [](std::string_view reported) {
    return changed<asgi::WebSocketScope>("*", "::1", {{proto, reported}, {xff, "192.0.2.7"}}, "ws");
  };
  CHECK(socket("https").scheme == "wss");
  CHECK(socket("wss").scheme == "wss");
  CHECK(socket("http").scheme == "ws");
  CHECK(socket("https").client == "192.0.2.7");
}

TEST_CASE("the scope of a lifespan has no client") {
  asgi::State state;
  asgi::Scope scope = asgi::LifespanScope{state};
  ProxyHeaders change("*");
  change(scope);
  CHECK(std::holds_alternative<asgi::LifespanScope>(scope));
}

}  // namespace
