// How a WebSocket ends: Close frames, their codes and reasons, and who says what.
#include "talk.hpp"

namespace {

// A Close is answered with one of the same code.
Talk closes(const std::string& name, const std::string& frames, int code) {
  return {name, frames, {closed(code)}};
}

std::vector<Talk> good_codes() {
  std::vector<Talk> talks;
  for (int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000,
                   3999, 4000, 4999}) {
    talks.push_back(closes("answers a Close of " + std::to_string(code), close_frame(code), code));
  }
  return talks;
}

std::vector<Talk> bad_codes() {
  std::vector<Talk> talks;
  for (int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    const std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code)};
    talks.push_back(
        fails("refuses a Close of " + std::to_string(code), frame(Opcode::close, payload), 1002));
  }
  talks.push_back(fails("refuses a Close of 1005 that has a reason",
                        frame(Opcode::close,
                              "\x03\xed"
                              "reason"),
                        1002));
  return talks;
}

// Ten pongs, then the answer to a Close.
std::vector<Expected> ten_pongs_and_close() {
  std::vector<Expected> expected(10, {Opcode::pong, "?"});
  expected.push_back(closed(1000));
  return expected;
}

const int registered = register_talks(
    __FILE__, __LINE__,
    {
        {5,
         "RFC 6455 section 5.5.1",
         "a Close is answered with a Close, which has its code; then the server ends the "
         "connection",
         "WebSocket::answer_close() in web_socket.cpp",
         {
             closes("answers a Close without a code", close_frame(1005), 1005),
             closes("answers a Close with a reason", close_frame(1000, "going"), 1000),
             closes("answers a Close with a reason of 123 octets",
                    close_frame(1000, std::string(123, '*')), 1000),
             closes("answers a Close with a reason of other letters",
                    close_frame(1001, "gr\xc3\xb6\xc3\x9f\x65r"), 1001),
         }},
        {5, "RFC 6455 section 7.4",
         "1000 to 1003 and 1007 to 1014 are codes that a Close may have (the last three were "
         "registered later); those from 3000 on belong to libraries, from 4000 to 4999 to "
         "applications",
         "is_valid_close_code() in websocket/frame.cpp", good_codes()},
        {5, "RFC 6455 section 7.4.2",
         "a code below 1000 or above 4999, one that nobody has defined, or one that stands for the "
         "lack of a code (1005, 1006, 1015) is never sent",
         "is_valid_close_code() in websocket/frame.cpp", bad_codes()},
        {5,
         "RFC 6455 section 5.5.1",
         "the payload of a Close is empty, or a code of two octets and perhaps a reason",
         "parse_close() in websocket/frame.cpp",
         {
             fails("refuses a Close of one octet", frame(Opcode::close, "\x03"), 1002),
         }},
        {5,
         "RFC 6455 section 8.1",
         "the reason in a Close is UTF-8",
         "parse_close() in websocket/frame.cpp",
         {
             fails("refuses a reason that is not UTF-8", close_frame(1000, "\xce\xba\xff"), 1007),
             fails("refuses a reason that ends in a character", close_frame(1000, "a \xe1\xbd"),
                   1007),
         }},
        {5,
         "RFC 6455 section 5.5.1",
         "after a Close nothing more is sent, and nothing more is heard",
         "WebSocket::read_frames() in web_socket.cpp",
         {
             closes("hears no second Close", close_frame(1000) + close_frame(1001), 1000),
             closes("answers no ping after a Close", close_frame(1000) + frame(Opcode::ping), 1000),
             closes("echoes no text after a Close", close_frame(1000) + frame(Opcode::text, "late"),
                    1000),
             closes("does not mind rubbish after a Close", close_frame(1000) + repeated("\xff", 50),
                    1000),
         }},
        {5,
         "RFC 6455 section 7.1.2",
         "a Close ends what the client has to say, not what it has said: here, messages that came "
         "before it are answered before it",
         "WebSocket::read_control() in web_socket.cpp",
         {
             {"echoes a message before it answers a Close",
              frame(Opcode::text, "Hello") + close_frame(1000),
              {{Opcode::text, "Hello"}, closed(1000)}},
             {"echoes a large message before it answers a Close",
              frame(Opcode::text, std::string(300'000, 'x')) + close_frame(1000),
              {{Opcode::text, std::string(300'000, 'x')}, closed(1000)}},
             {"answers pings before it answers a Close",
              repeated(frame(Opcode::ping, "?"), 10) + close_frame(1000), ten_pongs_and_close()},
         }},
    });

}  // namespace

TEST_CASE(
    "closes when the application has returned" * since(5) * section("RFC 6455 section 7.1.2") *
    rule("a server may close first: with 1000 when all is done; then it waits for our Close") *
    look_at("WebSocketCycle::run() in websocket_cycle.cpp")) {
  WebSocket socket(the_server(), {.path = "/ws/subprotocol"});
  socket.expect({Opcode::text, "no subprotocol"});
  socket.expect_closing(1000);
}

TEST_CASE("answers nothing after its own Close" * since(5) * section("RFC 6455 section 5.5.1") *
          rule("who has said Close sends no more frames: neither an echo nor a pong") *
          look_at("WebSocket::read_control() in web_socket.cpp")) {
  WebSocket socket(the_server(), {.path = "/ws/subprotocol"});
  socket.expect({Opcode::text, "no subprotocol"});
  socket.expect(closed(1000));
  socket.client().send(frame(Opcode::text, "late") + frame(Opcode::ping, "late") +
                       close_frame(1000));
  socket.client().expect_end();
}

TEST_CASE("ends the connection when a client ends it without a Close" * since(5) *
          section("RFC 6455 section 7.1.4") *
          rule("an end of TCP without a Close ends the WebSocket as well (1006)") *
          look_at("WebSocket::receive_more() in web_socket.cpp")) {
  WebSocket socket(the_server());
  socket.client().send(frame(Opcode::text, "Hello"));
  socket.expect({Opcode::text, "Hello"});
  socket.client().shut_down_sending();
  socket.client().await_end("the end of the connection");
}

TEST_CASE("takes a Close that crosses its own" * since(5) * section("RFC 6455 section 7.1.3") *
          rule("both sides may close at the same time: each takes the other's Close for the answer "
               "to its own, whatever its code is") *
          look_at("WebSocket::answer_close() in web_socket.cpp")) {
  WebSocket socket(the_server(), {.path = "/ws/subprotocol"});
  socket.expect({{Opcode::text, "no subprotocol"}, closed(1000)});
  socket.client().send(close_frame(1001));
  socket.client().expect_end();
}
