// Load on a WebSocket server that echoes: on each of its connections it sends some messages at
// once, waits until all of them are back, and goes on until its time is up.
//
// usage: websocket_load PORT PATH CONNECTIONS MESSAGES_AT_ONCE MESSAGE_SIZE SECONDS
//
// Prints how many messages came back. Exit status 1: a server did something else.

#include <asio.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

using asio::awaitable;
using asio::use_awaitable;
using asio::ip::tcp;

namespace {

constexpr std::size_t largest_message = 125;  // whose frame has a header of two octets

struct Load {
  tcp::endpoint server;
  std::string path;
  std::size_t messages_at_once;
  std::size_t message_size;
  std::chrono::steady_clock::time_point end;
  std::uint64_t messages = 0;  // that came back
};

// A text frame as a client sends it (RFC 6455 section 5.2): the mask, of zeros, changes nothing.
std::string masked_frame(const std::string& text) {
  return "\x81" + std::string(1, static_cast<char>(0x80 | text.size())) + std::string(4, '\0') +
         text;
}

// The same message as a server sends it.
std::string frame(const std::string& text) {
  return "\x81" + std::string(1, static_cast<char>(text.size())) + text;
}

std::string repeat(const std::string& text, std::size_t times) {
  std::string all;
  while (times-- > 0) all += text;
  return all;
}

awaitable<void> open(tcp::socket& socket, const Load& load) {
  const std::string request = "GET " + load.path +
                              " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  co_await asio::async_write(socket, asio::buffer(request), use_awaitable);
  std::string answer;
  co_await asio::async_read_until(socket, asio::dynamic_buffer(answer), "\r\n\r\n", use_awaitable);
  if (!answer.starts_with("HTTP/1.1 101 ")) throw std::runtime_error("no 101: " + answer);
}

awaitable<void> echo(Load& load) {
  const std::string message(load.message_size, 'x');
  const std::string sent = repeat(masked_frame(message), load.messages_at_once);
  const std::string expected = repeat(frame(message), load.messages_at_once);
  std::string received(expected.size(), '\0');
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect(load.server, use_awaitable);
  socket.set_option(tcp::no_delay(true));
  co_await open(socket, load);
  while (std::chrono::steady_clock::now() < load.end) {
    co_await asio::async_write(socket, asio::buffer(sent), use_awaitable);
    co_await asio::async_read(socket, asio::buffer(received), use_awaitable);
    if (received != expected) throw std::runtime_error("what came back is not what was sent");
    load.messages += load.messages_at_once;
  }
}

void run(char** arguments) {
  const auto number = [&](int i) { return std::stoul(arguments[i]); };
  const tcp::endpoint server(asio::ip::make_address("127.0.0.1"),
                             static_cast<std::uint16_t>(number(1)));
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                       std::chrono::duration<double>(std::stod(arguments[6])));
  Load load{server, arguments[2], number(4), number(5), end};
  if (load.message_size > largest_message) throw std::runtime_error("a message is too large");
  asio::io_context io(1);
  for (std::size_t i = 0; i < number(3); ++i) {
    asio::co_spawn(io, echo(load), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
  }
  io.run();
  std::cout << load.messages << " messages\n";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 7) throw std::runtime_error("six arguments are needed: see websocket_load.cpp");
    run(argv);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "websocket_load: " << error.what() << '\n';
    return 1;
  }
}
