// Trailers, early hints, pathsend.
#include <doctest/doctest.h>

#include <algorithm>
#include <asio/experimental/awaitable_operators.hpp>
#include <cstdint>
#include <filesystem>

#include "client.hpp"
#include "file.hpp"
#include "probe.hpp"
#include "running.hpp"

using asgi::Headers;
using asgi::HttpResponseEarlyHint;
using asgi::HttpResponsePathsend;
using asgi::HttpResponseTrailers;
using namespace asio::experimental::awaitable_operators;

namespace {

constexpr auto te = "TE: trailers\r\n";

awaitable<void> with_trailer(const Scope& scope, Receive, Send send) {
  const bool in_two = std::get<asgi::HttpScope>(scope).path == "/two";
  co_await send(HttpResponseStart(200).with_trailers());
  if (in_two) co_await send(HttpResponseBody("te", true));
  co_await send(HttpResponseBody(in_two ? "xt" : "text"));
  Headers headers{{"x-sum", "1234"}};
  co_await send(HttpResponseTrailers(std::move(headers)));
}

awaitable<void> hint_first(const Scope&, Receive, Send send) {
  std::vector<std::string> links{"</a.css>; rel=preload", "</b.js>; rel=preload"};
  co_await send(HttpResponseEarlyHint(std::move(links)));
  co_await respond(send, 200, "text");
}

asgi::App sender_of(std::string path) {
  return [path](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    co_await send(HttpResponsePathsend(path));
  };
}

awaitable<void> send_file(Send send, std::string path) {
  co_await send(HttpResponsePathsend(path));
}

awaitable<void> receive_to_end(Receive receive) {
  asgi::ReceiveEvent event;
  while (!std::holds_alternative<asgi::HttpDisconnect>(event)) event = co_await receive();
}

}  // namespace

TEST_CASE("what has to be known before the body is no trailer (RFC 9110 section 6.5.1)") {
  for (const std::string name : {"content-length",
                                 "Transfer-Encoding",
                                 "connection",
                                 "keep-alive",
                                 "upgrade",
                                 "Host",
                                 "cache-control",
                                 "expect",
                                 "max-forwards",
                                 "pragma",
                                 "range",
                                 "te",
                                 "if-match",
                                 "if-none-match",
                                 "if-modified-since",
                                 "if-unmodified-since",
                                 "If-Range",
                                 "authorization",
                                 "proxy-authenticate",
                                 "proxy-authorization",
                                 "www-authenticate",
                                 "cookie",
                                 "Set-Cookie",
                                 "age",
                                 "date",
                                 "expires",
                                 "location",
                                 "retry-after",
                                 "vary",
                                 "warning",
                                 "Content-Encoding",
                                 "content-type",
                                 "content-range",
                                 "trailer"}) {
    CAPTURE(name);
    std::string refused;
    Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
      co_await send(HttpResponseStart(200).with_trailers());
      co_await send(HttpResponseBody("text"));
      Headers headers{{"x-sum", "1234"}, {name, "4"}};
      try {
        co_await send(HttpResponseTrailers(std::move(headers)));
      } catch (const asgi::EventError& error) {
        refused = error.what();
      }
      Headers others{{"etag", "5"}, {"x-" + name, "6"}};
      co_await send(HttpResponseTrailers(std::move(others)));
    });
    Client client(server.port());
    client.send(last_get("/", te));
    CHECK(client.read_to_end().ends_with("4\r\ntext\r\n0\r\netag: 5\r\nx-" + name + ": 6\r\n\r\n"));
    CHECK(refused == "this field stands in the head only");
  }
}

TEST_CASE("trailers reach a client that has asked for them") {
  Running server(with_trailer);
  for (const auto& [path, body] :
       {std::pair("/one", "4\r\ntext\r\n"), {"/two", "2\r\nte\r\n2\r\nxt\r\n"}}) {
    Client client(server.port());
    client.send(get(path, te));
    CHECK(undated(client.read_until("1234\r\n\r\n")) ==
          "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + std::string(body) +
              "0\r\nx-sum: 1234\r\n\r\n");
    client.send(last_get("/", te));
    CHECK(client.read_to_end().ends_with("0\r\nx-sum: 1234\r\n\r\n"));
  }
}

TEST_CASE("trailers are dropped for others") {
  Running server(with_trailer);
  CHECK(undated(exchange(server.port(), last_get("/one"))) ==
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\ntext");
  CHECK(exchange(server.port(), last_get("/two"))
            .ends_with("\r\n\r\n2\r\nte\r\n2\r\nxt\r\n0\r\n\r\n"));
  CHECK(exchange(server.port(), "GET /two HTTP/1.0\r\nTE: trailers\r\n\r\n")
            .ends_with("\r\nconnection: close\r\n\r\ntext"));
}

TEST_CASE("HEAD has no trailers, and the connection goes on") {
  Running server(with_trailer);
  Client client(server.port());
  client.send("HEAD /two HTTP/1.1\r\nHost: x\r\nTE: trailers\r\n\r\n" + last_get("/one"));
  client.read_until("\r\n\r\n");
  CHECK(client.read_to_end().find("HTTP/1.1 200 OK\r\n") == 0);
}

TEST_CASE("trailers that were announced and do not come leave the body without an end") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200).with_trailers());
    co_await send(HttpResponseBody("text"));
  });
  CHECK(exchange(server.port(), get("/", te)).ends_with("4\r\ntext\r\n0\r\n"));
}

TEST_CASE("trailers may come in several events, of which the last one ends the response") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200).with_trailers());
    co_await send(HttpResponseBody("text"));
    for (int i = 1; i <= 3; ++i) {
      Headers headers{{"x-" + std::to_string(i), "a"}};
      co_await send(HttpResponseTrailers(std::move(headers), i < 3));
    }
    CHECK_THROWS_AS(static_cast<void>(send(HttpResponseTrailers())), asgi::EventError);
  });
  Client client(server.port());
  client.send(get("/", te) + last_get("/", te));
  const std::string end = "0\r\nx-1: a\r\nx-2: a\r\nx-3: a\r\n\r\n";
  CHECK(client.read_until(end).find("4\r\ntext\r\n0\r\nx-1") != std::string::npos);
  CHECK(client.read_to_end().ends_with(end));
  CHECK(exchange(server.port(), last_get("/")).ends_with("\r\n\r\ntext"));
}

TEST_CASE("trailers of which the last do not come leave the response without an end") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200).with_trailers());
    co_await send(HttpResponseBody("text"));
    Headers headers{{"x-sum", "1"}};
    co_await send(HttpResponseTrailers(std::move(headers), true));
  });
  CHECK(exchange(server.port(), get("/", te)).ends_with("4\r\ntext\r\n0\r\nx-sum: 1\r\n"));
}

TEST_CASE("a request can be read before the trailers are sent") {
  Running server([](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200).with_trailers());
    co_await send(HttpResponseBody("text"));
    const std::string body = co_await read_body(receive);
    Headers headers{{"x-body", body}};
    co_await send(HttpResponseTrailers(std::move(headers)));
  });
  CHECK(exchange(server.port(), post("/", "abc", te)).ends_with("0\r\nx-body: abc\r\n\r\n"));
}

TEST_CASE("early hints come at once, before the response, and not to HTTP/1.0") {
  Running server(hint_first);
  Client client(server.port());
  client.send(last_get("/"));
  CHECK(client.read_until("\r\n\r\n") ==
        "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n"
        "link: </b.js>; rel=preload\r\n\r\n");
  CHECK(client.read_to_end().find("HTTP/1.1 200 OK\r\n") == 0);
  CHECK(exchange(server.port(), "GET / HTTP/1.0\r\n\r\n").find("HTTP/1.1 200 OK\r\n") == 0);
}

TEST_CASE("early hints are checked as headers are") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    Journal journal;
    std::vector<std::string> links{"x\r\ny: z"};
    co_await note_sent(journal, send, HttpResponseEarlyHint(std::move(links)));
    co_await respond(send, 200, journal.text());
  });
  CHECK(undated(exchange(server.port(), last_get("/"))) ==
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 11\r\n"
        "connection: close\r\n\r\nEventError\n");
}

TEST_CASE("pathsend sends a file, of any size") {
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 1000000}) {
    const std::string content(size, 'f');
    const File file(content);
    Running server(sender_of(file.path()));
    const std::string answer =
        exchange(server.port(), "GET / HTTP/1.0\r\nConnection: close\r\n\r\n");
    CHECK(answer.substr(answer.find("\r\n\r\n") + 4) == content);
  }
}

TEST_CASE("a receive() that waits while a file is sent is told its end") {
  for (const std::size_t size : {10, 300000}) {
    const File file(std::string(size, 'f'));
    Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
      co_await send(HttpResponseStart(200));
      co_await (send_file(send, file.path()) && receive_to_end(receive));
    });
    const std::string answers = exchange(server.port(), get("/") + last_get("/"));
    CHECK(std::count(answers.begin(), answers.end(), 'f') >= 2 * static_cast<long>(size));
  }
}

// Sparse: read to its end, it would keep the server's only thread for minutes.
TEST_CASE("pathsend does not read a file that HEAD does not send") {
  const File file("begun");
  std::filesystem::resize_file(file.path(), std::uintmax_t{1} << 40);
  Running server(sender_of(file.path()));
  const std::string answer =
      exchange(server.port(), "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE("pathsend of what is not a file is an error in the application") {
  Running no_file(sender_of("/no/such/file"));
  CHECK(exchange(no_file.port(), last_get("/")).find("HTTP/1.1 500 ") == 0);
  Running directory(sender_of("/tmp"));
  CHECK(exchange(directory.port(), last_get("/")).find("HTTP/1.1 500 ") == 0);
  Running nul_in_path(sender_of(std::string("/etc/passwd\0.png", 16)));
  CHECK(exchange(nul_in_path.port(), last_get("/")).find("HTTP/1.1 500 ") == 0);
}
