#include "access_log.hpp"

#include <string>
#include <utility>

#include "asgi/channel.hpp"
#include "log.hpp"

namespace {

using asgi::awaitable;

std::string describe(const asgi::ConnectionScope& scope, const std::string& method, int status) {
  std::string line = scope.client ? scope.client->host + ' ' : "- ";
  line += '"' + method + ' ' + scope.raw_path;
  if (!scope.query_string.empty()) line += '?' + scope.query_string;
  line += " HTTP/" + scope.http_version + "\" ";
  line += status == 0 ? "-" : std::to_string(status);
  return line;
}

// The status of the response that an event begins; 0: it begins none.
int status_of(const asgi::SendEvent& event) {
  const auto* const start = std::get_if<asgi::HttpResponseStart>(&event);
  return start ? start->status : 0;
}

// Whether an event is held until the body begins: until then the server may answer with 500.
bool is_held(const asgi::SendEvent& event) {
  return std::holds_alternative<asgi::HttpResponseStart>(event) ||
         std::holds_alternative<asgi::HttpResponseEarlyHint>(event);
}

// Looks at what passes to the server.
class Watch : public asgi::Relay {
 public:
  using Relay::Relay;

  bool take(asgi::SendEvent& event) override {
    if (status == 0) status = status_of(event);
    if (status != 0 && !is_held(event)) begun = true;
    return Relay::take(event);
  }

  int status = 0;
  bool begun = false;  // the head has been sent
};

// A middleware is an application that calls another one, with a channel of its own.
awaitable<void> call_and_log(const asgi::App& app, const asgi::Scope& scope, asgi::Receive receive,
                             asgi::Send send) {
  Watch watch(receive, send);
  std::exception_ptr failure;
  try {
    co_await app(scope, watch.receive(), watch.send());
  } catch (...) {
    failure = std::current_exception();
    if (!watch.begun) watch.status = 500;  // the server's own answer
  }
  if (const auto* http = std::get_if<asgi::HttpScope>(&scope)) {
    if (watch.status != 0 && !watch.begun)
      watch.status = 500;  // likewise: a start, and nothing behind it
    log_line(describe(*http, http->method, watch.status));
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

asgi::App access_log(asgi::App app) {
  return [app = std::move(app)](const asgi::Scope& scope, asgi::Receive receive, asgi::Send send) {
    return call_and_log(app, scope, receive, send);
  };
}
