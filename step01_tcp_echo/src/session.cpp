#include "session.hpp"

awaitable<void> serve(Connection& connection) {
  bool open = co_await connection.fill();
  while (open) {
    connection.output() += connection.input();
    connection.consume(connection.input().size());
    open = co_await connection.fill();
  }
}
