// Two coroutines of one application: one waits in receive() for http.disconnect while the other one
// streams with send(). Either of them ends first; they are joined in three ways.
#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <system_error>
#include <thread>

#include "client.hpp"
#include "probe.hpp"
#include "running.hpp"

using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

namespace {

constexpr int many = 1000000;  // pieces, more than a client will take

// Receives until http.disconnect.
awaitable<void> watch(Journal& journal, Receive receive) {
  asgi::ReceiveEvent event;
  while (!std::holds_alternative<asgi::HttpDisconnect>(event)) event = co_await receive();
  journal.add("http.disconnect");
}

std::string piece(int number) {
  std::string text = std::to_string(number) + ' ';
  return text.append(5000, 'x') + '\n';
}

awaitable<void> stream(Journal& journal, Send send, int pieces) {
  co_await send(HttpResponseStart(200));
  try {
    for (int i = 0; i < pieces; ++i) co_await send(HttpResponseBody(piece(i), true));
    co_await send(HttpResponseBody());
    journal.add("streamed");
  } catch (const std::system_error&) {
    journal.add("cut off");
  }
}

// The first to end ends the other one.
awaitable<void> either(Journal& journal, Receive receive, Send send, int pieces) {
  co_await (watch(journal, receive) || stream(journal, send, pieces));
}

// Both end by themselves.
awaitable<void> both(Journal& journal, Receive receive, Send send, int pieces) {
  co_await (watch(journal, receive) && stream(journal, send, pieces));
}

// The same with co_spawn.
awaitable<void> spawned(Journal& journal, Receive receive, Send send, int pieces) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer ended(executor, asio::steady_timer::time_point::max());
  bool watching = true;
  asio::co_spawn(executor, watch(journal, receive), [&](std::exception_ptr) {
    watching = false;
    ended.cancel();
  });
  co_await stream(journal, send, pieces);
  while (watching) {
    asio::error_code ignored;
    co_await ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

constexpr auto ways = {either, both, spawned};

// An application that does both in that way; /N asks for N pieces.
template <typename Way>
asgi::App application(Journal& journal, Way way) {
  return [&journal, way](const Scope& scope, Receive receive, Send send) -> awaitable<void> {
    const int pieces = std::stoi(std::string(std::get<asgi::HttpScope>(scope).path.substr(1)));
    co_await way(journal, receive, send, pieces);
    journal.add("end");
  };
}

std::string whole_body(int pieces) {
  std::string body;
  for (int i = 0; i < pieces; ++i) body += piece(i);
  return body;
}

std::string target_of(int pieces) { return '/' + std::to_string(pieces); }

}  // namespace

TEST_CASE("a stream that is watched arrives whole, and its end is told") {
  for (const auto way : ways) {
    Journal journal;
    Running server(application(journal, way));
    Client client(server.port(), 16 * 1024);
    client.send("GET /300 HTTP/1.0\r\n\r\n");
    std::this_thread::sleep_for(50ms);
    const std::string answer = client.read_to_end();
    CHECK(answer.substr(answer.find("\r\n\r\n") + 4) == whole_body(300));
    journal.wait_for("streamed");
    journal.wait_for("end");
  }
}

TEST_CASE("a client that leaves ends both, and the stream knows") {
  for (const auto way : ways) {
    for (const bool hard : {false, true}) {
      Journal journal;
      Running server(application(journal, way));
      Client client(server.port());
      client.send(get(target_of(many)));
      client.read_until("9 x");
      client.leave(hard);
      journal.wait_for("end");
      CHECK(journal.text().find("streamed") == std::string::npos);
    }
  }
}

TEST_CASE("a client that does not read and leaves ends both") {
  for (const auto way : ways) {
    Journal journal;
    Running server(application(journal, way));
    Client client(server.port(), 16 * 1024);
    client.send(get(target_of(many)));
    client.read_until("\r\n\r\n");
    std::this_thread::sleep_for(50ms);  // the stream waits in send()
    client.leave(true);
    journal.wait_for("end");
  }
}

TEST_CASE("the body of the request and that of the response can go side by side") {
  for (const auto way : ways) {
    Journal journal;
    Running server(application(journal, way));
    Client client(server.port());
    client.send("POST /100 HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
    for (int i = 0; i < 10; ++i) client.send(std::string(10000, 'b'));
    CHECK(client.read_to_end().ends_with("0\r\n\r\n"));
    journal.wait_for("end");
  }
}

TEST_CASE("a stream whose request body never ends can complete") {
  for (const auto way : ways) {
    Journal journal;
    Running server(application(journal, way));
    Client client(server.port());
    client.send("POST /10 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf");
    CHECK(client.read_to_end().ends_with("0\r\n\r\n"));
    journal.wait_for("end");
  }
}

TEST_CASE("the time for a body passes also while the application sends") {
  Options options = plain_options();
  options.timeout_request_body = 1s;
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    const auto tick = [&]() -> awaitable<void> {
      for (int i = 0; i < 60; ++i) {
        co_await send(HttpResponseBody("tick", true));
        co_await wait(100ms);
      }
      journal.add("all ticks");
    };
    co_await (watch(journal, receive) || tick());
  }, options);
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nh");
  client.read_to_end();
  server.stop();
  server.join();
  CHECK(journal.text().find("all ticks") == std::string::npos);
}

TEST_CASE("the connection goes on after a stream that was watched, with what came meanwhile") {
  for (const auto way : ways) {
    Journal journal;
    Running server(application(journal, way));
    Client client(server.port());
    client.send(get("/2"));
    client.read_until("1 x");
    client.send(get("/3") + last_get("/1"));
    const std::string answers = client.read_to_end();
    CHECK(answers.find("2 x") != answers.npos);
    CHECK(answers.ends_with("\r\n0\r\n\r\n"));
    CHECK(journal.text().find("cut off") == std::string::npos);
  }
}

TEST_CASE("a receive() that was cancelled can be called again") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await (receive() || wait(30ms));
    journal.add("cancelled");
    std::string body = co_await read_body(receive);
    co_await respond(send, 200, std::move(body));
  });
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\n");
  journal.wait_for("cancelled");
  client.send("body");
  CHECK(client.read_to_end().ends_with("\r\n\r\nbody"));
}

TEST_CASE("a receive() that was cancelled tells no end of a client that is there") {
  for (const std::size_t ahead : {1000, 100000}) {  // octets behind the request
    CAPTURE(ahead);
    Journal journal;
    Running server([&](const Scope&, Receive receive, Send) -> awaitable<void> {
      co_await receive();
      for (const char* number : {"first ", "second "}) {
        const auto outcome = co_await (receive() || wait(300ms));
        journal.add(std::string(number) +
                    (std::holds_alternative<std::monostate>(outcome) ? "cancelled" : "told"));
      }
      co_await note_received(journal, receive);
    });
    Client client(server.port());
    client.send(get("/") + std::string(ahead, 'G'));
    journal.wait_for("second cancelled");
    client.leave(true);
    journal.wait_for("http.disconnect");
  }
}

TEST_CASE("a second receive() beside the first is an error in the application") {
  Journal journal;
  Running server([&](const Scope&, Receive receive, Send send) -> awaitable<void> {
    co_await (note_received(journal, receive) && note_received(journal, receive));
    std::string body = co_await read_body(receive);
    co_await respond(send, 200, std::move(body));
  });
  Client client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
  journal.wait_for("EventError");
  client.send(std::string(100000, 'b'));
  CHECK(client.read_until("\r\n\r\nb").find("HTTP/1.1 200 ") == 0);
}

TEST_CASE("a send() that is cancelled half way is sent all the same, and the response goes on") {
  constexpr std::size_t size = 64 * 1024 * 1024;  // more than the system's buffers take
  Journal journal;
  Gate gate;
  Running server([&](const Scope&, Receive, Send send) -> awaitable<void> {
    co_await send(HttpResponseStart(200));
    co_await (send(HttpResponseBody(std::string(size, 'x'), true)) || gate.pass());
    journal.add("cancelled");
    co_await send(HttpResponseBody("the end"));
  });
  Client client(server.port(), 64 * 1024);
  client.send("GET / HTTP/1.0\r\n\r\n");
  client.read_until("\r\n\r\n");
  gate.open();
  journal.wait_for("cancelled");
  CHECK((client.read_to_end() == std::string(size, 'x') + "the end"));
}
