#include "access_log.hpp"

#include <string>
#include <utility>

#include "log.hpp"

namespace {

using asgi::awaitable;

std::string describe(const asgi::HttpScope& scope, int status) {
  std::string line = scope.client ? scope.client->host + ' ' : "- ";
  line += '"' + scope.method + ' ' + scope.raw_path;
  if (!scope.query_string.empty()) line += '?' + scope.query_string;
  line += " HTTP/" + scope.http_version + "\" ";
  line += status == 0 ? "-" : std::to_string(status);
  return line;
}

// A middleware is an application that calls another one, with a send() that looks at what passes.
awaitable<void> call_and_log(const asgi::App& app, const asgi::Scope& scope, asgi::Receive receive,
                             asgi::Send send) {
  int status = 0;
  bool begun = false;
  asgi::Send watching_send = [&](asgi::SendEvent&& event) {
    if (const auto* start = std::get_if<asgi::HttpResponseStart>(&event)) {
      status = start->status;
    } else {
      begun = true;
    }
    return send(std::move(event));
  };
  std::exception_ptr failure;
  try {
    co_await app(scope, std::move(receive), std::move(watching_send));
  } catch (...) {
    failure = std::current_exception();
    if (!begun) status = 500;  // the server's own answer
  }
  if (const auto* http = std::get_if<asgi::HttpScope>(&scope)) log_line(describe(*http, status));
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

asgi::App access_log(asgi::App app) {
  return [app = std::move(app)](const asgi::Scope& scope, asgi::Receive receive, asgi::Send send) {
    return call_and_log(app, scope, std::move(receive), std::move(send));
  };
}
