#include "access_log.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "log.hpp"

namespace {

constexpr std::size_t max_target = 2048;  // octets of it that are shown
constexpr std::size_t usual_line = 256;  // octets: most lines need no more

std::string begin_line(const asgi::Address* client) {
  std::string line;
  line.reserve(usual_line);
  line += client ? client->host : "-";
  line += " \"";
  return line;
}

void append_request(std::string& line, std::string_view method, std::string_view path,
                    std::string_view query, std::string_view version) {
  (line += method) += ' ';
  const std::size_t target = line.size();
  line += path;
  if (!query.empty()) (line += '?') += query;
  if (line.size() - target > max_target) line.replace(target + max_target, line.npos, "...");
  (line += " HTTP/") += version;
}

void end_line(std::string line, int status) {
  line += "\" ";
  line += status == 0 ? "-" : std::to_string(status);
  log_line(std::move(line));
}

void log(const asgi::ConnectionScope& scope, std::string_view method, int status) {
  std::string line = begin_line(scope.client);
  append_request(line, method, scope.raw_path, scope.query_string, scope.http_version);
  end_line(std::move(line), status);
}

}  // namespace

void access_log(const asgi::Scope& scope, int status) {
  if (const auto* const http = std::get_if<asgi::HttpScope>(&scope)) {
    log(*http, http->method, status);
  }
  if (const auto* const socket = std::get_if<asgi::WebSocketScope>(&scope)) {
    log(*socket, "GET", status);
  }
}

void access_log(const asgi::Address* client, const http::Request& request, int status) {
  std::string line = begin_line(client);
  if (request.target.empty()) {
    line += '-';
  } else {
    const std::string_view version = request.minor_version == 0 ? "1.0" : "1.1";
    append_request(line, request.method, request.target, "", version);
  }
  end_line(std::move(line), status);
}
