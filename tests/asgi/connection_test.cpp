// What a connection owes is sent, or known not to be, whoever waits for it: a Connection, and a
// client that takes what it is told to.
#include "connection.hpp"

#include <doctest/doctest.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/write.hpp>
#include <optional>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;

namespace {

constexpr auto write_limit = 10s;

// The two ends of a connection in one loop, which turns while the test waits for something.
class Ends {
 public:
  Ends() {
    tcp::acceptor acceptor(loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    client_.connect(acceptor.local_endpoint());
    client_.non_blocking(true);
    server_.emplace(acceptor.accept(), write_limit, lingering_);
  }

  Connection& server() { return *server_; }
  void end_server() { server_.reset(); }

  // Runs what can be run now.
  void turn() {
    loop_.restart();
    loop_.poll();
  }

  template <typename Done>
  void turn_until(Done done) {
    const Clock::time_point limit = Clock::now() + 5s;
    while (!done()) {
      if (Clock::now() > limit) throw std::runtime_error("what is waited for does not happen");
      loop_.restart();
      loop_.run_one_for(10ms);
    }
  }

  // Runs `task` to its end, in the background.
  void spawn(awaitable<void> task) { asio::co_spawn(loop_, std::move(task), asio::detached); }

  // Sends one piece after the other, each at the end of a turn, until the socket takes no more.
  // All that was to be sent.
  std::string send_until_stuck() {
    std::string all;
    bool sent = true;
    for (char letter = 'a'; sent; letter = letter == 'z' ? 'a' : static_cast<char>(letter + 1)) {
      const std::string piece(30000, letter);
      all += piece;
      server().output() += piece;
      sent = server().flush_soon(true);
      turn();
    }
    return all;
  }

  // What the client receives: so many octets, or to the end of the connection.
  std::string receive(std::size_t size) {
    std::string all;
    turn_until([&] {
      std::string piece(100000, '\0');
      asio::error_code ec;
      piece.resize(client_.read_some(asio::buffer(piece), ec));
      all += piece;
      return all.size() >= size || (ec && ec != asio::error::would_block);
    });
    return all;
  }

  void send_by_client(std::string_view octets) { asio::write(client_, asio::buffer(octets)); }

  void reset_by_client() {
    client_.set_option(asio::socket_base::linger(true, 0));
    client_.close();
  }

  void close_client() { client_.close(); }

 private:
  std::size_t lingering_ = 0;
  asio::io_context loop_;
  tcp::socket client_{loop_};
  std::optional<Connection> server_;
};

awaitable<void> close(Connection& connection, bool& closed) {
  co_await connection.close();
  closed = true;
}

awaitable<void> fill(Connection& connection, std::optional<bool>& more) {
  more = co_await connection.fill();
}

awaitable<void> flush(Connection& connection, bool& disconnected) {
  try {
    co_await connection.flush();
  } catch (const Disconnected&) {
    disconnected = true;
  }
}

awaitable<void> wait_for_end(Connection& connection, bool& ended) {
  co_await connection.wait_for_end(true);
  ended = true;
}

bool flush_throws(Ends& ends) {
  bool disconnected = false;
  ends.spawn(flush(ends.server(), disconnected));
  ends.turn();
  return disconnected;
}

}  // namespace

TEST_CASE("what is complete leaves at the end of the turn, when more input may add to it") {
  Ends ends;
  ends.server().output() += "one ";
  CHECK(ends.server().flush_soon(true));
  ends.server().output() += "two ";
  CHECK(ends.server().flush_soon(true));
  CHECK(ends.server().output() == "one two ");
  ends.turn();
  CHECK(ends.server().output() == "");
  CHECK(ends.receive(8) == "one two ");
}

TEST_CASE("the time to answer begins when the client has taken what it is sent") {
  Ends ends;
  const std::string all = ends.send_until_stuck();
  ends.server().expect_within(1s);
  std::optional<bool> more;
  ends.spawn(fill(ends.server(), more));
  const Clock::time_point begun = Clock::now();
  ends.turn_until([&] { return Clock::now() > begun + 1100ms; });
  CHECK(ends.receive(all.size()) == all);
  ends.turn_until([&] {
    ends.server().check_deadlines(Clock::now());
    return more.has_value();
  });
  CHECK_FALSE(*more);
  CHECK(ends.server().timed_out());
  CHECK(Clock::now() - begun > 2s);
}

TEST_CASE("what does not fit is sent although nobody waits for it") {
  Ends ends;
  const std::string all = ends.send_until_stuck();
  CHECK((ends.receive(all.size()) == all));
  CHECK_FALSE(ends.server().broken());
}

TEST_CASE("a client that takes nothing of it has gone when the time for a write is up") {
  Ends ends;
  ends.send_until_stuck();
  ends.server().check_deadlines(Clock::now() + write_limit - 1s);
  ends.turn();
  CHECK_FALSE(ends.server().broken());
  ends.server().check_deadlines(Clock::now() + write_limit);
  ends.turn();
  CHECK(ends.server().broken());
  CHECK_FALSE(ends.server().flush_soon(false));
  CHECK(flush_throws(ends));
}

TEST_CASE("close() waits for it, and the client gets all of it before the end") {
  Ends ends;
  bool closed = false;
  const std::string all = ends.send_until_stuck();
  ends.spawn(close(ends.server(), closed));
  ends.turn();
  CHECK((ends.receive(all.size() + 1) == all));
  CHECK_FALSE(closed);
  ends.close_client();
  ends.turn_until([&] { return closed; });
}

TEST_CASE("a server that stops sends it before an idle client is given up") {
  Ends ends;
  std::optional<bool> more;
  const std::string all = ends.send_until_stuck();
  ends.server().idle_for(10s);
  ends.spawn(fill(ends.server(), more));
  ends.turn();
  ends.server().stop();
  ends.turn();
  CHECK_FALSE(more);
  CHECK((ends.receive(all.size()) == all));
  ends.turn_until([&] { return more.has_value(); });
  CHECK_FALSE(*more);
  CHECK_FALSE(ends.server().broken());
}

// So much input that wait_for_end() reads no more, and could wait for nothing but a reset.
TEST_CASE("an interrupt ends wait_for_end(), whichever of the two comes first") {
  Ends ends;
  constexpr std::size_t much = 64 * 1024;
  bool ended = false;
  ends.send_by_client(std::string(much, 'x'));
  ends.spawn(wait_for_end(ends.server(), ended));
  ends.turn_until([&] { return ends.server().input().size() == much; });
  ends.turn();
  CHECK_FALSE(ended);
  ends.server().interrupt();
  ends.turn_until([&] { return ended; });
  ended = false;
  ends.spawn(wait_for_end(ends.server(), ended));
  ends.turn_until([&] { return ended; });
}

TEST_CASE("abort() ends it") {
  Ends ends;
  ends.send_until_stuck();
  ends.server().abort();
  ends.turn();
  CHECK(ends.server().broken());
}

TEST_CASE("an error at the end of the turn is kept for who sends next") {
  Ends ends;
  ends.reset_by_client();
  ends.server().output() += "for nobody";
  CHECK(ends.server().flush_soon(true));
  ends.turn();
  CHECK(ends.server().broken());
  CHECK(flush_throws(ends));
}

TEST_CASE("a connection may end while it owes something") {
  Ends due;
  due.server().output() += "never sent";
  CHECK(due.server().flush_soon(true));
  due.end_server();
  due.turn();
  Ends stuck;
  stuck.send_until_stuck();
  stuck.end_server();
  stuck.turn();
}
