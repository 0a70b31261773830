// The server as a process: many clients, clients that vanish, no descriptors left, signals.
#include <csignal>

#include "check.hpp"

using namespace std::chrono_literals;

namespace {

void expect_echo(Client& client) {
  client.send("hello\n");
  client.expect_bytes("hello\n");
}

void expect_answer(Client& client) {
  client.send(another_request);
  expect_another_answer(client);
}

// Connects and breaks the connection off: the server's next read or write fails. It is closed by
// hand: a destructor would undo the setting, and end the connection in order.
void connect_and_reset(const tcp::endpoint& server, std::string_view bytes) {
  asio::io_context io;
  tcp::socket socket(io);
  socket.connect(server);
  asio::write(socket, asio::buffer(bytes));
  socket.set_option(asio::socket_base::linger(true, 0));
  socket.close();
}

void survive_resets(void (*expect_works)(Client&), std::string_view bytes) {
  for (int i = 0; i < 20; ++i) connect_and_reset(the_server(), bytes);
  Client client(the_server());
  client.note("20 other clients have reset their connections");
  expect_works(client);
}

// Leaves the server with no descriptor for a while, then gives them back.
void survive_exhaustion(void (*expect_works)(Client&)) {
  Server server("", 40);
  bool spun = false;
  {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 60; ++i) clients.push_back(std::make_unique<Client>(server.endpoint()));
    spun = always_spins(server);
  }
  Client client(server.endpoint());
  client.note("60 clients came at once to a server that may have 40 files open, and have gone");
  client.wait_up_to(10s);  // a server may pause for a second or two
  expect_works(client);
  if (!spun) return;
  client.note("as long as they were there, the server took as much processor time as a loop does");
  client.fail(client.position(), "a server that pauses when accept fails");
}

void end_in_order(int signal) {
  Server server;
  Client client(server.endpoint());
  client.note("the server was sent " + std::string(signal == SIGINT ? "SIGINT" : "SIGTERM"));
  server.signal(signal);
  client.await_end("the end of the connection");
  client.close();
  const auto end = server.ended_within(patience());
  if (end == "status 0") return;
  client.note(end ? "it ended with " + *end : "it goes on");
  client.fail(0, "the server to end with status 0");
}

void exhausted_echo() { survive_exhaustion(expect_echo); }
void exhausted_answer() { survive_exhaustion(expect_answer); }

}  // namespace

TEST_CASE("ends with status 0 on SIGTERM" * since(1) * section("POSIX signal.h") *
          rule("SIGTERM asks a program to end; that is no error") *
          look_at("main() in main.cpp")) {
  end_in_order(SIGTERM);
}

TEST_CASE("ends with status 0 on SIGINT" * since(1) * section("POSIX signal.h") *
          rule("SIGINT, which Ctrl-C sends, asks a program to end; that is no error") *
          look_at("main() in main.cpp")) {
  end_in_order(SIGINT);
}

TEST_CASE("goes on echoing after clients have vanished" * since(1) * until(1) *
          section("RFC 9293 section 3.5.3") *
          rule("a reset ends one connection and is no news for the others") *
          look_at("Server::run_connection() in server.cpp")) {
  survive_resets(expect_echo, "hello");
}

TEST_CASE("goes on echoing after it had no descriptors left" * since(1) * until(1) *
          section("POSIX accept(), EMFILE") *
          rule("accept fails while there are too many connections: the server waits a little and "
               "tries again, neither giving up nor spinning") *
          look_at("Server::accept_connections() in server.cpp") * early(exhausted_echo)) {
  outcome();
}

TEST_CASE("goes on answering after clients have vanished" * since(2) *
          section("RFC 9112 section 9.5") *
          rule("a client may go at any time, also in the middle of a request") *
          look_at("Server::run_connection() in server.cpp")) {
  survive_resets(expect_answer, "GET / HTTP/1.1\r\nHo");
  survive_resets(expect_answer, another_request);
}

TEST_CASE("goes on answering after it had no descriptors left" * since(2) *
          section("POSIX accept(), EMFILE") *
          rule("accept fails while there are too many connections: the server waits a little and "
               "tries again, neither giving up nor spinning") *
          look_at("Server::accept_connections() in server.cpp") * early(exhausted_answer)) {
  outcome();
}

TEST_CASE("answers many clients at once" * since(2) * section("RFC 9112 section 9.4") *
          rule("no client waits for another one: each has a coroutine of its own") *
          look_at("Server::accept_connections() in server.cpp")) {
  std::vector<std::unique_ptr<Client>> clients;
  const std::string_view begun = std::string_view(another_request).substr(0, 20);
  const std::string_view rest = std::string_view(another_request).substr(20);
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<Client>(the_server()));
    clients.back()->note("client " + std::to_string(i + 1) + " of 100, all connected at once");
    clients.back()->send(begun);
  }
  for (auto client = clients.rbegin(); client != clients.rend(); ++client) {
    (*client)->send(rest);
    expect_another_answer(**client);
  }
}
