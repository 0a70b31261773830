// The framing of responses, and what the server adds to them or takes away.
#include <doctest/doctest.h>

#include "client.hpp"
#include "probe.hpp"
#include "running.hpp"

namespace {

constexpr auto chunked_head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

// The application of chapter 4's first page, and of the deck.
awaitable<void> hello(const Scope&, Receive, Send send) {
  co_await send(HttpResponseStart(200).header("content-type", "text/plain"));
  co_await send(HttpResponseBody("Hello, World!"));
}

awaitable<void> stream_two_pieces(const Scope&, Receive, Send send) {
  co_await send(HttpResponseStart(200));
  co_await send(HttpResponseBody("0123456789abcdef", true));
  co_await send(HttpResponseBody("", true));
  co_await send(HttpResponseBody("end"));
}

awaitable<void> stream_nothing(const Scope&, Receive, Send send) {
  co_await send(HttpResponseStart(200));
  co_await send(HttpResponseBody("", true));
  co_await send(HttpResponseBody());
}

// What comes of a body in these two pieces, when it was to have ten octets.
std::string ten_octets_of(const std::string& first, const std::string& last, Journal& journal) {
  Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200).header("content-length", "10"));
    if (!first.empty()) co_await send(HttpResponseBody(first, true));
    co_await note_sent(journal, send, HttpResponseBody(last));
  });
  return undated(exchange(server.port(), get("/")));
}

constexpr auto ten_octets_head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n";

}  // namespace

TEST_CASE("contract 26: a body of unknown length is chunked, and ends once") {
  Running server(stream_two_pieces);
  Client client(server.port());
  client.send(get("/"));
  CHECK(undated(client.read_until("\r\n0\r\n\r\n")) ==
        std::string(chunked_head) + "10\r\n0123456789abcdef\r\n3\r\nend\r\n0\r\n\r\n");
  client.send(last_get("/"));
  CHECK(client.read_to_end().ends_with("3\r\nend\r\n0\r\n\r\n"));
}

TEST_CASE("contract 26: an empty body of unknown length ends once too") {
  Running server(stream_nothing);
  Client client(server.port());
  client.send(get("/") + last_get("/"));
  CHECK(undated(client.read_until("\r\n0\r\n\r\n")) == std::string(chunked_head) + "0\r\n\r\n");
}

TEST_CASE("two events are a whole response") {
  Running server(hello);
  const std::string answer = undated(exchange(server.port(), last_get("/")));
  CHECK(answer.starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n"));
  CHECK(answer.find("\r\ncontent-length: 13\r\n") != std::string::npos);
  CHECK(answer.ends_with("\r\n\r\nHello, World!"));
}

TEST_CASE("contract 26: a body that is sent whole has a length") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    co_await send(HttpResponseBody());
  });
  Client client(server.port());
  client.send(get("/"));
  CHECK(undated(client.read_until("\r\n\r\n")) == "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
}

TEST_CASE("a response that names protocols to upgrade to says so in Connection") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(426).header("upgrade", "tea/1.0").header("connection", "x"));
    co_await send(HttpResponseBody("text"));
  });
  for (const std::string& request : {get("/"), last_get("/")}) {  // RFC 9110 section 7.8
    Client client(server.port());
    client.send(request);
    const std::string head = client.read_until("\r\n\r\n");
    CHECK(head.find("\r\nconnection: upgrade\r\n") != head.npos);
    CHECK((head.find("\r\nconnection: close\r\n") != head.npos) == (request != get("/")));
  }
}

TEST_CASE("contract 26: for HTTP/1.0 the end of the connection ends a body of unknown length") {
  Running server(stream_two_pieces);
  CHECK(undated(exchange(server.port(), "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")) ==
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n0123456789abcdefend");
}

TEST_CASE("contract 27: HEAD has no chunks, and the connection goes on") {
  Running server(stream_two_pieces);
  Client client(server.port());
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + get("/"));
  CHECK(undated(client.read_until("\r\n\r\n")) == chunked_head);
  CHECK(undated(client.read_until("\r\n0\r\n\r\n")).find(chunked_head) == 0);
}

TEST_CASE("contract 28: a body that is too short is an error, and is not padded") {
  Journal journal;
  const std::string answer = ten_octets_of("", "abc", journal);
  CHECK(answer.find("HTTP/1.1 500 ") == 0);  // the head was not out yet
  CHECK(answer.find("abc") == answer.npos);
  CHECK(ten_octets_of("ab", "c", journal) == std::string(ten_octets_head) + "ab");
  CHECK(journal.text() == "EventError\nEventError\n");
}

TEST_CASE("contract 29: a body that is too long is an error, and nothing of it is sent") {
  Journal journal;
  const std::string answer = ten_octets_of("", std::string(60, 'y'), journal);
  CHECK(answer.find("HTTP/1.1 500 ") == 0);
  CHECK(answer.find('y', answer.find("\r\n\r\n")) == answer.npos);
  CHECK(ten_octets_of("ab", std::string(60, 'y'), journal) == std::string(ten_octets_head) + "ab");
  CHECK(journal.text() == "EventError\nEventError\n");
}

TEST_CASE("contract 29: after such an error the right piece can still be sent") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    Journal journal;
    co_await send(HttpResponseStart(200).header("content-length", "10"));
    co_await note_sent(journal, send, HttpResponseBody("too long by far"));
    co_await send(HttpResponseBody("0123456789"));
  });
  CHECK(exchange(server.port(), last_get("/")).ends_with("\r\n\r\n0123456789"));
}

TEST_CASE("contract 30: a header that would split the response is never sent") {
  const asgi::Headers evil = {{"a", "b\r\nc: d"}, {"a", "b\nc"},  {"a", std::string("b\0c", 3)},
                              {"a", "b\x7f"},     {"a\r\nb", ""}, {"a b", "c"},
                              {"a:", "c"},        {"", "c"},      {"a\xff", "c"}};
  for (const auto& [name, value] : evil) {
    CAPTURE(name);
    CAPTURE(value);
    Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
      co_await send(HttpResponseStart(200).header(name, value));
      co_await send(HttpResponseBody("text"));
    });
    const std::string answer = exchange(server.port(), get("/"));
    CHECK(answer.find("HTTP/1.1 500 ") == 0);
    CHECK(answer.ends_with("\r\n\r\nthe application failed\n"));
  }
}

TEST_CASE("contract 31: the server adds a date, unless there is one, and never a server") {
  Running server([](const Scope& scope, Receive, Send send) -> awaitable<void> {
    HttpResponseStart start(200);
    if (std::get<asgi::HttpScope>(scope).path == "/dated") {
      start.headers.emplace_back("Date", "then");
    }
    co_await send(std::move(start));
    co_await send(HttpResponseBody());
  });
  const std::string usual = exchange(server.port(), last_get("/"));
  CHECK(usual.find("\r\ndate: ") != usual.npos);
  CHECK(usual.find("server:") == usual.npos);
  const std::string dated = exchange(server.port(), last_get("/dated"));
  CHECK(dated.find("\r\nDate: then\r\n") != dated.npos);
  CHECK(dated.find("\r\ndate: ") == dated.npos);
}

TEST_CASE("framing is the server's: transfer-encoding and a second content-length") {
  Journal journal;
  Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
    HttpResponseStart twice(200);
    twice.headers = {{"content-length", "4"}, {"Content-Length", "4"}};
    co_await note_sent(journal, send, twice);
    co_await note_sent(journal, send, HttpResponseStart(200).header("content-length", "-4"));
    co_await send(HttpResponseStart(200).header("Transfer-Encoding", "gzip, chunked"));
    co_await send(HttpResponseBody("text"));
  });
  CHECK(undated(exchange(server.port(), last_get("/"))) ==
        "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\ntext");
  CHECK(journal.text() == "EventError\nEventError\n");
}

TEST_CASE("an empty answer to HEAD does not say that GET has none (RFC 9110 section 8.6)") {
  Running server([](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    co_await send(HttpResponseBody());
  });
  const std::string answer =
      exchange(server.port(), "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(answer.find("content-length") == answer.npos);
}
