#include "demo/request_id.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "asgi/channel.hpp"

namespace {

using asgi::awaitable;

constexpr std::string_view field = "x-request-id";

// Looks at what passes to the server.
class Marking : public asgi::Relay {
 public:
  Marking(asgi::Receive receive, asgi::Send send, std::string_view id)
      : Relay(receive, send), id_(id) {}

  bool take(asgi::SendEvent& event) override {
    auto* const start = std::get_if<asgi::HttpResponseStart>(&event);
    if (start) start->headers.emplace_back(field, id_);
    return Relay::take(event);
  }

 private:
  const std::string_view id_;  // stands in the scope
};

awaitable<void> call_and_mark(const asgi::App& app, const asgi::Scope& scope, std::string_view id,
                              asgi::Receive receive, asgi::Send send) {
  Marking marking(receive, send, id);
  co_await app(scope, marking.receive(), marking.send());
}

}  // namespace

// A middleware is an application that calls another one, with a channel of its own.
asgi::App request_id(asgi::App app) {
  return [app = std::move(app)](const asgi::Scope& scope, asgi::Receive receive, asgi::Send send) {
    const auto* const request = std::get_if<asgi::HttpScope>(&scope);
    const auto id = request ? request->header(field) : std::nullopt;
    return id ? call_and_mark(app, scope, *id, receive, send) : app(scope, receive, send);
  };
}
