#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asgi/asgi.hpp"

/// A copy of what a scope shows, for a test that looks at it when the application has returned.
struct KeptScope {
  KeptScope() = default;
  explicit KeptScope(const asgi::ConnectionScope& scope)
      : http_version(scope.http_version),
        scheme(scope.scheme),
        path(scope.path),
        raw_path(scope.raw_path),
        query_string(scope.query_string),
        root_path(scope.root_path),
        headers(scope.headers.begin(), scope.headers.end()),
        state(scope.state),
        extensions(scope.extensions.begin(), scope.extensions.end()) {
    if (scope.client) client = *scope.client;
    if (scope.server) server = *scope.server;
  }

  /// As the scope's own.
  std::optional<std::string> header(std::string_view name) const {
    for (const auto& [header_name, value] : headers) {
      if (header_name == name) return value;
    }
    return std::nullopt;
  }

  std::string http_version;
  std::string scheme;
  std::string path;
  std::string raw_path;
  std::string query_string;
  std::string root_path;
  asgi::Headers headers;
  std::optional<asgi::Address> client;
  std::optional<asgi::Address> server;
  asgi::State state;
  std::vector<std::string> extensions;
  std::string method;  // of a request
  std::vector<std::string> subprotocols;  // of a WebSocket
};
