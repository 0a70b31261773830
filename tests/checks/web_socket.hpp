#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client.hpp"
#include "deflate.hpp"
#include "frame.hpp"

/// The lines of an opening handshake (RFC 6455 section 4.1), each to be left out or replaced.
struct Handshake {
  std::string path = "/ws/echo";
  std::string method = "GET";
  std::string version = "HTTP/1.1";
  std::string upgrade = "Upgrade: websocket\r\n";
  std::string connection = "Connection: Upgrade\r\n";
  std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  std::string socket_version = "Sec-WebSocket-Version: 13\r\n";
  std::string more = {};  ///< further field lines

  /// All of it, as it is sent.
  std::string bytes() const;
};

/// A frame that has to come. Of a Close only the code counts: the reason is the sender's own.
struct Expected {
  Opcode opcode;
  std::string payload;
};

/// A Close with that code; 1005 stands for none.
Expected closed(int code);

/// A WebSocket, used like a Client: what must happen and does not is thrown as a Failure.
class WebSocket {
 public:
  /// Opens one: sends the handshake, with `behind` in the same segment, and judges the answer.
  explicit WebSocket(const tcp::endpoint& server, const Handshake& handshake = {},
                     const std::string& behind = "", Client::Reading = Client::Reading::always);

  /// The connection below it.
  Client& client() { return client_; }

  /// The answer to the handshake.
  const Answer& answer() const { return answer_; }

  /// Begins to read, for a client that did not from the beginning, and judges the answer.
  void start_reading();

  /// The next frame, written as a server has to. `expected`: what it should be, in words.
  Frame read_frame(const std::string& expected);

  /// The next message or control frame: fragments are put together, and what is compressed is
  /// decompressed.
  Frame read_message(const std::string& expected);

  /// The next message or control frame is this one.
  void expect(const Expected& expected);

  /// The same behind some texts, but not behind any number of them.
  void expect_behind_texts(const Expected& expected);

  /// The next ones are these.
  void expect(const std::vector<Expected>& expected);

  /// The server closes with this code; we answer, and the connection ends.
  void expect_closing(int code);

 private:
  void open();
  void check(const Frame& frame);

  Client client_;
  const std::string opened_;
  const std::size_t handshake_size_;
  Answer answer_;
  std::unique_ptr<Compression> compression_;  // when it was agreed on
};
