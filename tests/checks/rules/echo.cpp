// Step 01: a connection gives back what it is given.
#include <algorithm>

#include "check.hpp"

using namespace std::chrono_literals;

namespace {

// Bytes in which a missing, doubled or misplaced one shows.
std::string numbered_lines(std::size_t size) {
  std::string text;
  for (int line = 0; text.size() < size; ++line) text += std::to_string(line) + '\n';
  return text.substr(0, size);
}

}  // namespace

TEST_CASE("echoes what it is sent" * since(1) * until(1) * section("RFC 9293 section 3.8") *
          rule("every byte comes back, in order") * look_at("serve() in session.cpp")) {
  Client client(the_server());
  client.send("hello\r\n");
  client.expect_bytes("hello\r\n");
  client.send("and again");
  client.expect_bytes("and again");
}

TEST_CASE("echoes every byte there is" * since(1) * until(1) * section("RFC 9293 section 3.8") *
          rule("TCP carries octets; none of them means anything to it") *
          look_at("serve() in session.cpp")) {
  std::string octets;
  for (int octet = 0; octet < 256; ++octet) octets += static_cast<char>(octet);
  Client client(the_server());
  client.send(octets);
  client.expect_bytes(octets);
}

TEST_CASE("echoes bytes that come one by one" * since(1) * until(1) *
          section("RFC 9293 section 3.8") *
          rule("TCP is a stream: what is read has nothing to do with what was written at once") *
          look_at("serve() in session.cpp")) {
  Client client(the_server());
  client.send_byte_by_byte("one byte at a time");
  client.expect_bytes("one byte at a time");
}

TEST_CASE("echoes eight million bytes" * since(1) * until(1) * section("RFC 9293 section 3.8") *
          rule("a write may take less than it was given: the rest is written later") *
          look_at("Connection::send_output() in connection.cpp")) {
  const std::string bytes = numbered_lines(8'000'000);
  Client client(the_server());
  client.send(bytes);
  client.expect_bytes(bytes);
}

TEST_CASE("echoes everything before it closes after a half-close" * since(1) * until(1) *
          section("RFC 9293 section 3.6") *
          rule("a client that has ended its sending side can still read: it gets all that it sent, "
               "and then the end") *
          look_at("Connection::close() in connection.cpp")) {
  const std::string bytes = numbered_lines(1'000'000);
  Client client(the_server());
  client.send(bytes);
  client.shut_down_sending();
  client.expect_bytes(bytes);
  client.expect_end();
}

TEST_CASE("echoes to a hundred clients at once" * since(1) * until(1) *
          section("RFC 9293 section 2.2") *
          rule("no client waits for another one: each has a coroutine of its own") *
          look_at("Server::accept_connections() in server.cpp")) {
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<Client>(the_server()));
    clients.back()->note("client " + std::to_string(i + 1) + " of 100, all connected at once");
  }
  for (auto client = clients.rbegin(); client != clients.rend(); ++client) {
    (*client)->send("hello\n");
    (*client)->expect_bytes("hello\n");
  }
}

TEST_CASE("stops reading from a client that does not read" * since(1) * until(1) *
          section("RFC 9293 section 3.8.6") *
          rule("what a client does not take must not pile up in the server's memory: while a write "
               "waits, nothing is read (back-pressure)") *
          look_at("Connection::fill() in connection.cpp")) {
  Client client(the_server(), Client::Reading::never);
  std::string bytes = numbered_lines(100'000);
  std::replace(bytes.begin(), bytes.end(), '\n', ' ');  // wherever it is stuck, no line ends there
  constexpr std::size_t limit = 64 * 1024 * 1024;
  const std::size_t sent = client.send_until_stuck(bytes, limit, 600ms);
  if (sent >= limit) client.fail(0, "the server to stop reading long before");
  client.start_reading();
  client.shut_down_sending();
  for (std::size_t at = 0; at < sent; at += bytes.size()) {
    client.expect_bytes(std::string_view(bytes).substr(0, sent - at));
  }
  client.expect_end();
}
