// What an application is told of a request, and how its answer reaches the client.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "client.hpp"
#include "kept_scope.hpp"
#include "probe.hpp"
#include "running.hpp"

using asgi::HttpScope;

namespace {

// The scope of one request, as an application has seen it.
KeptScope scope_of(std::string_view request, const Options& options = plain_options()) {
  KeptScope seen;
  Running server(
      [&](const Scope& scope, Receive, Send send) -> awaitable<void> {
        const HttpScope& shown = std::get<HttpScope>(scope);
        seen = KeptScope(shown);
        seen.method = shown.method;
        co_await respond(send, 200, "");
      },
      options);
  exchange(server.port(), request);
  server.stop();
  server.join();
  return seen;
}

// What the client gets of a text with that status.
std::string answer_to(std::string_view request, int status) {
  Running server([=](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await respond(send, status, "some text");
  });
  return undated(exchange(server.port(), request));
}

}  // namespace

TEST_CASE("contract 1: a response, octet for octet") {
  CHECK(answer_to(last_get("/"), 200) ==
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n"
        "connection: close\r\n\r\nsome text");
}

TEST_CASE("contract 2: a header value passes octet for octet") {
  const std::string value = "a\tb c \xe2\x82\xac \xff!";
  Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200).header("X-Odd", value));
    co_await send(HttpResponseBody());
  });
  const std::string answer = exchange(server.port(), last_get("/"));
  CHECK(answer.find("\r\nX-Odd: " + value + "\r\n") != answer.npos);
}

TEST_CASE("contract 3: HEAD has the head of GET and no body") {
  const std::string whole = answer_to(last_get("/"), 200);
  const std::string head =
      answer_to("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200);
  CHECK(head + "some text" == whole);
}

TEST_CASE("contract 4: the body comes in events, the last of which says so") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await note_received(journal, receive);
    co_await note_received(journal, receive);
    co_await respond(send, 200, "");
  });
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18\r\n\r\n{\"hello\":");
  journal.wait_for("http.request '{\"hello\":'...");
  client.send(" \"world\"}");
  client.read_until("\r\n\r\n");
  CHECK(journal.text() == "http.request '{\"hello\":'...\nhttp.request ' \"world\"}'\n");
}

TEST_CASE(
    "contract 4: a request without a body is one event, and so are chunks that came at once") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    journal.add(co_await read_body(receive));
    co_await respond(send, 200, "");
  });
  exchange(server.port(), last_get("/"));
  exchange(server.port(),
           "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
           "3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nx: y\r\n\r\n");
  CHECK(journal.text() == "\nabcde\n");
}

TEST_CASE("contract 5: a request of HTTP/1.0") {
  CHECK(scope_of("GET / HTTP/1.0\r\n\r\n").http_version == "1.0");
  CHECK(scope_of(last_get("/")).http_version == "1.1");
}

TEST_CASE("contract 6: path is decoded, raw_path and query_string are as they were sent") {
  const KeptScope scope = scope_of(last_get("/one%2Ftwo/%c3%a9?q=%20?&r"));
  CHECK(scope.path == "/one/two/\xc3\xa9");
  CHECK(scope.raw_path == "/one%2Ftwo/%c3%a9");
  CHECK(scope.query_string == "q=%20?&r");
}

TEST_CASE("contract 6: what is not UTF-8 in a path becomes U+FFFD") {
  const KeptScope scope = scope_of(last_get("/a%ff%e2%82b"));
  CHECK(scope.path ==
        "/a\xef\xbf\xbd\xef\xbf\xbd"
        "b");
  CHECK(scope.raw_path == "/a%ff%e2%82b");
}

TEST_CASE("contract 7: root_path is in the scope, and path begins with it") {
  Options options = plain_options();
  options.root_path = "/app";
  const KeptScope scope = scope_of(last_get("/one%20two?x"), options);
  CHECK(scope.root_path == "/app");
  CHECK(scope.path == "/app/one two");
  CHECK(scope.raw_path == "/app/one%20two");
}

TEST_CASE("contract 7: the server as a whole is at no path, so not below root_path either") {
  Options options = plain_options();
  options.root_path = "/app";
  const KeptScope scope =
      scope_of("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", options);
  CHECK(scope.root_path == "/app");
  CHECK(scope.path == "*");
  CHECK(scope.raw_path == "*");
}

TEST_CASE("contract 9: the versions of the interface") {
  CHECK(asgi::version == "3.0");
  CHECK(asgi::spec_version == "2.5");
  CHECK(asgi::lifespan_version == "2.0");
}

TEST_CASE("contract 10: each request has the state of the lifespan") {
  Journal journal;
  Running server(
      [&](const Scope& scope, Receive receive, Send send) -> awaitable<void> {
        if (const auto* const life = std::get_if<asgi::LifespanScope>(&scope)) {
          life->state["a"] = 123;
          life->state["b"] = std::make_shared<int>(1);
          co_await receive();
          co_await send(asgi::LifespanStartupComplete());
          co_return;
        }
        const asgi::State& state = std::get<HttpScope>(scope).state;
        journal.add(std::to_string(std::any_cast<int>(state.at("a"))) + ' ' +
                    std::to_string((*std::any_cast<std::shared_ptr<int>>(state.at("b")))++));
        co_await respond(send, 200, "");
      },
      lifespan_options(Lifespan::on));
  exchange(server.port(), get("/") + last_get("/"));
  CHECK(journal.text() == "123 1\n123 2\n");
}

TEST_CASE("contract 11: the whole scope") {
  const KeptScope scope = scope_of(
      "PATCH /p%41?q HTTP/1.1\r\nHost: h:1\r\nX-Two: 1\r\nx-two:  2 \r\nConnection: close\r\n\r\n");
  const asgi::Headers headers = {
      {"host", "h:1"}, {"x-two", "1"}, {"x-two", "2"}, {"connection", "close"}};
  CHECK(scope.method == "PATCH");
  CHECK(scope.scheme == "http");
  CHECK(scope.path == "/pA");
  CHECK(scope.root_path == "");
  CHECK(scope.headers == headers);
  CHECK(scope.header("x-two") == "1");
  CHECK_FALSE(scope.header("x-three"));
  REQUIRE(scope.client);
  CHECK(scope.client->host == "127.0.0.1");
  CHECK(scope.client->port > 0);
  REQUIRE(scope.server);
  CHECK(scope.server->host == "127.0.0.1");
  CHECK(scope.state.empty());
  for (const char* const name :
       {"http.response.trailers", "http.response.early_hint", "http.response.pathsend"}) {
    CHECK(std::count(scope.extensions.begin(), scope.extensions.end(), name) == 1);
  }
}

TEST_CASE("contract 11: client and server are the two ends of the connection") {
  Options options = plain_options();
  const KeptScope scope = scope_of(last_get("/"), options);
  CHECK(scope.client->port != scope.server->port);
}

TEST_CASE("contract 12: 204 and 304 have no body, whatever the application sends") {
  CHECK(answer_to(last_get("/"), 204) ==
        "HTTP/1.1 204 No Content\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n");
  CHECK(answer_to(last_get("/"), 304) ==
        "HTTP/1.1 304 Not Modified\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n");
}

TEST_CASE("contract 12: 205 has no content, and its length says so") {
  const std::string empty_205 =
      "HTTP/1.1 205 Reset Content\r\ncontent-type: text/plain\r\ncontent-length: 0\r\n";
  const std::string closing = "connection: close\r\n\r\n";
  CHECK(answer_to(last_get("/"), 205) == empty_205 + closing);
  CHECK(answer_to("GET / HTTP/1.0\r\n\r\n", 205) == empty_205 + closing);
  CHECK(answer_to("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 205) ==
        empty_205 + closing);
}

TEST_CASE("contract 12: 205 has no content in whatever way the application sends it") {
  bool length = false;
  bool trailers = false;
  Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
    const bool with_trailers = trailers;  // when this request came
    HttpResponseStart start(205);
    if (length) start.headers.emplace_back("Content-Length", "9");
    start.trailers = with_trailers;
    co_await send(std::move(start));
    co_await send(HttpResponseBody("123", true));
    co_await send(HttpResponseBody("456789"));
    asgi::Headers headers{{"x-sum", "1234"}};
    if (with_trailers) co_await send(asgi::HttpResponseTrailers(std::move(headers)));
  });
  const std::string empty_205 = "HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n";
  for (int i = 0; i < 4; ++i) {
    length = i % 2 == 1;
    trailers = i / 2 == 1;
    Client client(server.port());
    client.send(get("/", "TE: trailers\r\n"));
    CHECK(undated(client.read_until("\r\n\r\n")) == empty_205);
    client.send(get("/"));  // the connection goes on, and nothing stands in between
    CHECK(undated(client.read_until("\r\n\r\n")) == empty_205);
  }
}

TEST_CASE("contract 12: 204 has no content-length, 304 may have that of the 200") {
  int status = 0;
  Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(status).header("content-length", "9"));
    co_await send(HttpResponseBody());
  });
  status = 204;
  CHECK(exchange(server.port(), last_get("/")).find("content-length") == std::string::npos);
  status = 304;
  CHECK(exchange(server.port(), last_get("/")).find("content-length: 9\r\n") != std::string::npos);
}
