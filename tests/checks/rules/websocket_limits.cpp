// The size of a message is limited, whatever pieces it comes in.
#include "talk.hpp"

namespace {

constexpr Opcode text = Opcode::text;

// A server that takes messages of up to 10 octets.
constexpr const char* ten = "--ws-max-size 10";

void expect_echo(const std::string& frames, const Handshake& handshake = {}) {
  Server server(ten);
  WebSocket socket(server.endpoint(), handshake);
  socket.client().send(frames);
  socket.expect({text, "0123456789"});
}

void expect_refusal(const std::string& frames, const Handshake& handshake = {}) {
  Server server(ten);
  WebSocket socket(server.endpoint(), handshake);
  socket.client().send(frames);
  socket.expect(closed(1009));
  socket.client().expect_end();
}

void expect_taken(const tcp::endpoint& server, std::size_t size) {
  WebSocket socket(server);
  socket.client().send(frame(Opcode::binary, std::string(size, 'b')));
  socket.expect({Opcode::binary, std::string(size, 'b')});
}

const int registered = register_talks(
    __FILE__, __LINE__,
    {
        {5,
         "RFC 6455 section 10.4",
         "a message that is too large is refused (1009) when its size is announced: nobody waits "
         "for a terabyte",
         "WebSocket::begin_message() in web_socket.cpp",
         {
             fails("refuses a message of a terabyte from its header",
                   frame_header(Opcode::binary, std::uint64_t{1} << 40), 1009),
             fails("refuses a message of the greatest length there is",
                   frame_header(text, ~std::uint64_t{0} >> 1), 1009),
         }},
    });

}  // namespace

TEST_CASE("takes a message as large as --ws-max-size" * since(5) *
          section("RFC 6455 section 10.4") * rule("the limit is the largest size that is taken") *
          look_at("WebSocket::begin_message() in web_socket.cpp")) {
  expect_echo(frame(text, "0123456789"));
}

TEST_CASE("refuses a message larger than --ws-max-size" * since(5) *
          section("RFC 6455 section 7.4.1") *
          rule("1009 says that a message is too large; it is sent when the header is there") *
          look_at("WebSocket::begin_message() in web_socket.cpp")) {
  expect_refusal(frame_header(text, 11));
}

TEST_CASE("takes fragments that add up to --ws-max-size" * since(5) *
          section("RFC 6455 section 10.4") * rule("the limit is the largest size that is taken") *
          look_at("WebSocket::begin_message() in web_socket.cpp")) {
  expect_echo(fragments(text, {"01234", "56789", ""}));
}

TEST_CASE("refuses fragments that add up to more than --ws-max-size" * since(5) *
          section("RFC 6455 section 10.4") * rule("the fragments of a message count together") *
          look_at("WebSocket::begin_message() in web_socket.cpp")) {
  expect_refusal(frame(text, "01234", {.fin = false}) + frame_header(Opcode::continuation, 6));
}

TEST_CASE("does not count control frames for --ws-max-size" * since(5) *
          section("RFC 6455 section 5.5") *
          rule("a control frame has a limit of its own, 125 octets, and belongs to no message") *
          look_at("WebSocket::read_control() in web_socket.cpp")) {
  Server server(ten);
  WebSocket socket(server.endpoint());
  socket.client().send(frame(Opcode::ping, std::string(125, '*')));
  socket.expect({Opcode::pong, std::string(125, '*')});
}

TEST_CASE("takes a message that is as large as --ws-max-size once decompressed" * since(5) *
          section("RFC 6455 section 10.4") * rule("the limit is the largest size that is taken") *
          look_at("Inflater::decompress() in websocket/deflate.cpp")) {
  expect_echo(frame(text, compressed("0123456789"), {.rsv = 4}),
              {.more = "Sec-WebSocket-Extensions: permessage-deflate\r\n"});
}

TEST_CASE("refuses a message that is larger than --ws-max-size once decompressed" * since(5) *
          section("RFC 6455 section 10.4") *
          rule("a few octets can stand for a million: what counts is the message") *
          look_at("Inflater::decompress() in websocket/deflate.cpp")) {
  expect_refusal(frame(text, compressed("0123456789*"), {.rsv = 4}),
                 {.more = "Sec-WebSocket-Extensions: permessage-deflate\r\n"});
}

TEST_CASE("refuses a small payload that stands for a very large message" * since(5) *
          section("RFC 6455 section 10.4") *
          rule("who decompresses goes by small steps, and stops at the limit") *
          look_at("Inflater::decompress() in websocket/deflate.cpp")) {
  WebSocket socket(the_server(), {.more = "Sec-WebSocket-Extensions: permessage-deflate\r\n"});
  socket.client().send(frame(text, compressed(std::string(40'000'000, '0')), {.rsv = 4}));
  socket.expect(closed(1009));
  socket.client().expect_end();
}

TEST_CASE("holds no more of all messages together than --ws-max-memory" * since(5) *
          section("RFC 6455 section 10.4") *
          rule("many clients can each begin a message that is not too large: what they have sent "
               "of them counts together, beyond 64 KiB for each, until it is taken or given up") *
          look_at("WebSocket::size_limit() in web_socket.cpp")) {
  Server server("--ws-max-memory 100000");
  WebSocket first(server.endpoint());
  first.client().note("of these octets 84464 are beyond 64 KiB");
  first.client().send(frame(Opcode::binary, std::string(150'000, 'b'), {.fin = false}));
  first.client().send(frame(Opcode::ping, "?"));
  first.expect({Opcode::pong, "?"});
  WebSocket second(server.endpoint());
  second.client().note("another client has sent 150000 octets of a message");
  second.client().send(frame_header(Opcode::binary, 100'000));
  second.expect_closing(1009);
  expect_taken(server.endpoint(), 60'000);
  first.client().send(close_frame(1000));
  first.expect(closed(1000));
  first.client().expect_end();
  expect_taken(server.endpoint(), 100'000);
}
