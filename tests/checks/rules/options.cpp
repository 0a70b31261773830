// Limits that options set: each of these checks starts a server of its own.
#include "check.hpp"

TEST_CASE("turns away more connections than it may have" * since(3) *
          section("RFC 9110 section 15.6.4") *
          rule("beyond --limit-concurrency a connection gets 503 and is closed; the others go on") *
          look_at("Server::run_connection() in server.cpp")) {
  Server server("--limit-concurrency 2");
  Client first(server.endpoint());
  first.send(another_request);
  expect_another_answer(first);
  Client second(server.endpoint());
  second.send(another_request);
  expect_another_answer(second);
  Client third(server.endpoint());
  third.send(another_request);
  const Answer answer = third.read_answer();
  expect_status(third, answer, {503});
  third.expect_end();
  first.send(another_request);
  expect_another_answer(first);
  second.send(another_request);
  expect_another_answer(second);
}

TEST_CASE("takes connections again when others have gone" * since(3) *
          section("RFC 9110 section 15.6.4") *
          rule("a connection counts for --limit-concurrency as long as it is open, not longer") *
          look_at("Server::run_connection() in server.cpp")) {
  Server server("--limit-concurrency 2");
  {
    Client first(server.endpoint());
    first.send(another_request);
    expect_another_answer(first);
    Client second(server.endpoint());
    second.send(another_request);
    expect_another_answer(second);
  }
  // The server may not have seen yet that they have gone.
  const auto deadline = std::chrono::steady_clock::now() + patience();
  while (true) {
    Client client(server.endpoint());
    client.send(another_request);
    const Answer answer = client.read_answer();
    if (answer.status == 200) return;
    if (std::chrono::steady_clock::now() > deadline) expect_status(client, answer, {200});
  }
}

TEST_CASE("serves others while clients that have their answers stay" * since(3) *
          section("RFC 9112 section 9.6") *
          rule("a connection whose last answer is out waits only for the client to close: it does "
               "not count for --limit-concurrency any more") *
          look_at("Server::run_connection() in server.cpp")) {
  Server server("--limit-concurrency 2");
  Client first(server.endpoint());
  first.send("GET  / HTTP/1.1\r\n\r\n");
  expect_status(first, first.read_answer(), {400});
  first.expect_end();
  Client second(server.endpoint());
  second.send(another_request);
  expect_another_answer(second);
  Client third(server.endpoint());
  third.note("of two other clients one has its last answer, and has not closed");
  third.send(another_request);
  expect_another_answer(third);
  first.send("still here");
  first.expect_not_refused();
}

TEST_CASE("takes a body as large as --limit-request-body" * since(3) *
          section("RFC 9110 section 15.5.14") *
          rule("the limit is the largest size that is taken") *
          look_at("BodyReader::check_size() in body_reader.cpp")) {
  Server server("--limit-request-body 1000");
  Client client(server.endpoint());
  const std::string body(1000, 'b');
  client.send(request("POST", "/echo", "Content-Length: 1000\r\n", body));
  Answer answer = client.read_answer("POST");
  expect_status(client, answer, {200});
  expect_body(client, answer, body);
  client.send(request("POST", "/echo", "Transfer-Encoding: chunked\r\n",
                      "3e0\r\n" + body.substr(8) + "\r\n8\r\nbbbbbbbb\r\n0\r\n\r\n"));
  answer = client.read_answer("POST");
  expect_status(client, answer, {200});
  expect_body(client, answer, body);
}

TEST_CASE("refuses a body larger than --limit-request-body" * since(3) *
          section("RFC 9110 section 15.5.14") *
          rule("a size beyond the limit is refused when it is announced") *
          look_at("BodyReader::check_size() in body_reader.cpp")) {
  Server server("--limit-request-body 1000");
  Client client(server.endpoint());
  client.send(request("POST", "/echo", "Content-Length: 1001\r\n", std::string(1001, 'b')));
  expect_status(client, client.read_answer("POST"), {413});
  client.expect_end();
}

TEST_CASE("refuses chunks that add up to more than --limit-request-body" * since(3) *
          section("RFC 9110 section 15.5.14") * rule("the chunks of a body count together") *
          look_at("BodyReader::check_size() in body_reader.cpp")) {
  Server server("--limit-request-body 1000");
  Client client(server.endpoint());
  const std::string chunk = "1f4\r\n" + std::string(500, 'b') + "\r\n";
  client.send(request("POST", "/echo", "Transfer-Encoding: chunked\r\n",
                      chunk + chunk + "1\r\nb\r\n0\r\n\r\n"));
  expect_status(client, client.read_answer("POST"), {413});
  client.expect_end();
}

TEST_CASE("takes any size when --limit-request-body is 0" * since(3) *
          section("RFC 9110 section 15.5.14") * rule("0 stands for no limit") *
          look_at("BodyReader::check_size() in body_reader.cpp")) {
  Server server("--limit-request-body 0");
  Client client(server.endpoint());
  client.send(request("POST", "/echo", "Expect: 100-continue\r\nContent-Length: 99999999999\r\n"));
  expect_status(client, client.read_any_answer("POST"), {100});
}
