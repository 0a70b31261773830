#include "demo/http.hpp"

#include <algorithm>
#include <array>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <charconv>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "demo/page.hpp"
#include "http/target.hpp"

using asgi::awaitable;
using asgi::HttpRequest;
using asgi::HttpResponseBody;
using asgi::HttpResponseStart;
using asgi::HttpScope;
using asgi::Receive;
using asgi::Send;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t piece_size = 64 * 1024;

awaitable<void> send_text(const Send& send, int status, std::string text) {
  co_await send(HttpResponseStart(status).header("content-type", "text/plain"));
  co_await send(HttpResponseBody(std::move(text)));
}

// What is chosen by Accept says so to caches (RFC 9110 section 12.5.5).
awaitable<void> send_by_accept(const Send& send, std::string type, std::string_view content) {
  HttpResponseStart start(200);
  start.headers.reserve(2);
  start.headers.emplace_back("content-type", std::move(type));
  start.headers.emplace_back("vary", "accept");
  co_await send(std::move(start));
  co_await send(HttpResponseBody(std::string(content)));
}

// GET /
awaitable<void> hello(const HttpScope& scope, Receive, Send send) {
  const bool is_browser = scope.header("accept").value_or("").starts_with("text/html");
  if (scope.method == "GET" || scope.method == "HEAD") {
    if (is_browser) {
      co_await send_by_accept(send, "text/html; charset=utf-8", demo_page());
    } else {
      co_await send_by_accept(send, "text/plain", "Hello, World!");
    }
    co_return;
  }
  co_await send(
      HttpResponseStart(405).header("content-type", "text/plain").header("allow", "GET, HEAD"));
  co_await send(HttpResponseBody("this path has GET and HEAD only\n"));
}

awaitable<void> not_found(const HttpScope&, Receive, Send send) {
  co_await send_text(send, 404, "there is nothing at this path\n");
}

// /reflect: the request as it was understood, a line for each of its parts.
awaitable<void> reflect(const HttpScope& scope, Receive, Send send) {
  std::string text(scope.method);
  (text += ' ') += scope.raw_path;
  if (!scope.query_string.empty()) (text += '?') += scope.query_string;
  ((text += " HTTP/") += scope.http_version) += '\n';
  for (const auto& [name, value] : scope.headers) ((text += name) += ": ").append(value) += '\n';
  co_await send_text(send, 200, std::move(text));
}

std::string show(const asgi::Address* address) {
  return address ? address->host + ' ' + std::to_string(address->port) : "None";
}

// /scope: what the application is told of a request, key by key.
awaitable<void> show_scope(const HttpScope& scope, Receive, Send send) {
  std::string text = "type: http\n";
  const auto line = [&](std::string_view key, std::string_view value) {
    ((text += key) += ": ").append(value) += '\n';
  };
  line("asgi.version", asgi::version);
  line("asgi.spec_version", asgi::spec_version);
  line("http_version", scope.http_version);
  line("method", scope.method);
  line("scheme", scope.scheme);
  line("path", scope.path);
  line("raw_path", scope.raw_path);
  line("query_string", scope.query_string);
  line("root_path", scope.root_path);
  for (const auto& [name, value] : scope.headers) line("headers " + std::string(name), value);
  line("client", show(scope.client));
  line("server", show(scope.server));
  for (const auto& [key, value] : scope.state) line("state", key);
  for (const std::string_view name : scope.extensions) line("extensions", name);
  co_await send_text(send, 200, std::move(text));
}

// /echo: the body, once all of it is there.
awaitable<void> echo(const HttpScope& scope, Receive receive, Send send) {
  std::string content;
  bool more_body = true;
  while (more_body) {
    const asgi::ReceiveEvent event = co_await receive();
    const auto* const request = std::get_if<HttpRequest>(&event);
    if (!request) co_return;  // http.disconnect: nobody waits for an answer
    content += request->body;
    more_body = request->more_body;
  }
  std::string type(scope.header("content-type").value_or("application/octet-stream"));
  co_await send(HttpResponseStart(200).header("content-type", std::move(type)));
  co_await send(HttpResponseBody(std::move(content)));
}

// /upload: counts the octets of a body of any size, and holds one piece of it at a time.
awaitable<void> upload(const HttpScope&, Receive receive, Send send) {
  std::size_t size = 0;
  bool more_body = true;
  while (more_body) {
    const asgi::ReceiveEvent event = co_await receive();
    const auto* const request = std::get_if<HttpRequest>(&event);
    if (!request) co_return;
    size += request->body.size();
    more_body = request->more_body;
  }
  co_await send_text(send, 200, std::to_string(size) + " octets\n");
}

// /late: answers without a look at the body.
awaitable<void> late(const HttpScope&, Receive, Send send) {
  co_await send_text(send, 200, "the body may come or not\n");
}

// /background: answers, and works on for two seconds and a half.
awaitable<void> background(const HttpScope&, Receive, Send send) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer work(executor);
  co_await send_text(send, 200, "the work goes on\n");
  work.expires_after(2500ms);
  co_await work.async_wait(asio::use_awaitable);
}

std::optional<std::size_t> size_asked(const HttpScope& scope) {
  const std::string_view text = http::query_parameter(scope.query_string, "n").value_or("");
  const char* const end = text.data() + text.size();
  std::size_t size = 0;
  const auto [rest, error] = std::from_chars(text.data(), end, size);
  if (text.empty() || error != std::errc() || rest != end) return std::nullopt;
  return size;
}

// The server waits in send() while the client reads too slowly: one piece is held, however large
// the body is. Nothing waits for a client of HEAD, which gets no body: one piece stands for all.
awaitable<void> send_pieces(const HttpScope& scope, const Send& send, std::size_t size) {
  if (scope.method == "HEAD") size = std::min(size, piece_size);
  while (size > 0) {
    const std::size_t piece = std::min(size, piece_size);
    co_await send(HttpResponseBody(std::string(piece, 'x'), true));
    size -= piece;
  }
  co_await send(HttpResponseBody());
}

// /big?n=N: N octets with a content-length.
awaitable<void> big(const HttpScope& scope, Receive, Send send) {
  const std::optional<std::size_t> size = size_asked(scope);
  if (!size) {
    co_await send_text(send, 400, "n is a number of octets\n");
    co_return;
  }
  co_await send(HttpResponseStart(200)
                    .header("content-type", "application/octet-stream")
                    .header("content-length", std::to_string(*size)));
  co_await send_pieces(scope, send, *size);
}

// /stream?n=N: the same without one, so that the server has to tell the end in another way.
awaitable<void> stream(const HttpScope& scope, Receive, Send send) {
  const std::optional<std::size_t> size = size_asked(scope);
  if (!size) {
    co_await send_text(send, 400, "n is a number of octets\n");
    co_return;
  }
  co_await send(HttpResponseStart(200).header("content-type", "application/octet-stream"));
  co_await send_pieces(scope, send, *size);
}

// /events: server-sent events, one every second, five in all.
awaitable<void> events(const HttpScope&, Receive, Send send) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  co_await send(HttpResponseStart(200).header("content-type", "text/event-stream"));
  for (int i = 1; i <= 5; ++i) {
    co_await send(HttpResponseBody("data: " + std::to_string(i) + "\n\n", true));
    timer.expires_after(1s);
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_await send(HttpResponseBody());
}

// /counter: how often it was asked, in what lifespan() has put into the state.
awaitable<void> counter(const HttpScope& scope, Receive, Send send) {
  const auto found = scope.state.find("counter");
  if (found == scope.state.end()) throw std::runtime_error("there is no lifespan state");
  const auto count = std::any_cast<std::shared_ptr<int>>(found->second);
  co_await send_text(send, 200, std::to_string(++*count) + "\n");
}

// /fail/before, /fail/after: an application that fails before and after its response has begun.
awaitable<void> fail_before(const HttpScope&, Receive, Send send) {
  co_await send(HttpResponseStart(200));
  throw std::runtime_error("failing as asked, before the response");
}

awaitable<void> fail_after(const HttpScope&, Receive, Send send) {
  co_await send(HttpResponseStart(200).header("content-type", "text/plain"));
  co_await send(HttpResponseBody("this is not all\n", true));
  throw std::runtime_error("failing as asked, in the middle of the response");
}

struct Route {
  std::string_view path;
  awaitable<void> (*app)(const HttpScope& scope, Receive receive, Send send);
};

constexpr std::array routes = {
    Route{"/", hello},
    Route{"/reflect", reflect},
    Route{"/echo", echo},
    Route{"/scope", show_scope},
    Route{"/upload", upload},
    Route{"/late", late},
    Route{"/background", background},
    Route{"/big", big},
    Route{"/stream", stream},
    Route{"/events", events},
    Route{"/counter", counter},
    Route{"/fail/before", fail_before},
    Route{"/fail/after", fail_after},
};

// The path below root_path, which is where this application is mounted; "*" is not below it.
std::string_view local_path(const HttpScope& scope) {
  return scope.path == "*" ? "*" : scope.path.substr(scope.root_path.size());
}

}  // namespace

awaitable<void> http_demo(const HttpScope& scope, Receive receive, Send send) {
  const std::string_view path = local_path(scope);
  const auto* const route = std::find_if(
      routes.begin(), routes.end(), [=](const Route& candidate) { return candidate.path == path; });
  const auto app = route == routes.end() ? not_found : route->app;
  return app(scope, std::move(receive), std::move(send));
}
