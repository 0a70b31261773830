// Frames: how they are read, and which are refused.
#include "talk.hpp"

namespace {

using namespace std::string_literals;

constexpr Opcode text = Opcode::text;
constexpr Opcode binary = Opcode::binary;
constexpr Opcode ping = Opcode::ping;
constexpr Opcode pong = Opcode::pong;
constexpr Opcode continuation = Opcode::continuation;

const std::string hello = frame(text, "Hello");
const Expected hello_again{text, "Hello"};

std::string stars(std::size_t size) { return std::string(size, '*'); }
std::string octets(std::size_t size) { return std::string(size, '\xfe'); }

std::vector<Talk> reserved_opcodes() {
  std::vector<Talk> talks;
  for (int number : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    talks.push_back(fails("refuses opcode " + std::to_string(number),
                          frame(Opcode(number), "x") + hello, 1002));
  }
  return talks;
}

std::vector<Talk> reserved_bits() {
  std::vector<Talk> talks;
  for (int bit = 1; bit <= 3; ++bit) {
    const std::string name = "refuses RSV" + std::to_string(bit) + " in a";
    const Writing with{.rsv = 8 >> bit};
    talks.push_back(fails(name + " text", frame(text, "Hello", with), 1002));
    talks.push_back(fails(name + " binary message", frame(binary, "Hello", with), 1002));
    talks.push_back(fails(name + " ping", frame(ping, "", with), 1002));
    talks.push_back(fails(name + " pong", frame(pong, "", with), 1002));
    talks.push_back(fails(name + " Close", frame(Opcode::close, "", with), 1002));
  }
  talks.push_back(fails("refuses all RSV bits at once", frame(binary, "", {.rsv = 7}), 1002));
  return talks;
}

// Messages whose sizes are from `least` to `most` octets, each unlike its neighbours in every
// place.
Talk echoes_sizes(const std::string& name, std::size_t least, std::size_t most) {
  Talk talk = talks(name, "", {});
  for (std::size_t size = least; size <= most; ++size) {
    std::string message;
    while (message.size() < size) message += static_cast<char>('!' + (size + message.size()) % 90);
    talk.frames += frame(text, message);
    talk.expected.push_back({text, message});
  }
  return talk;
}

std::string ping_of(int number) { return "ping " + std::to_string(number); }

Talk answers_ten_pings() {
  Talk talk = talks("answers ten pings in order", "", {});
  for (int number = 0; number < 10; ++number) {
    talk.frames += frame(ping, ping_of(number));
    talk.expected.push_back({pong, ping_of(number)});
  }
  return talk;
}

const int registered = register_talks(
    __FILE__, __LINE__,
    {
        {5,
         "RFC 6455 section 5.6",
         "a message comes back as it was sent: text as text, binary as binary",
         "echo() in demo/websocket.cpp",
         {
             echoes("echoes a text", text, "Hello"),
             echoes("echoes a text of other letters", text, "gr\xc3\xbc\xc3\x9f\x65"),
             echoes("echoes binary", binary, "\0\xff\x80\r\n"s),
             talks("echoes several messages in order",
                   hello + frame(binary, "\xff") + frame(text, ""),
                   {hello_again, {binary, "\xff"}, {text, ""}}),
         }},
        {5,
         "RFC 6455 section 5.2",
         "a payload of up to 125 octets has its length in 7 bits, one of up to 65,535 in 16 more, "
         "a longer one in 64 more",
         "parse_length() in websocket/frame.cpp",
         {
             echoes("echoes an empty text", text, ""),
             echoes("echoes empty binary", binary, ""),
             echoes("echoes a text of 125 octets", text, stars(125)),
             echoes("echoes binary of 125 octets", binary, octets(125)),
             echoes("echoes a text of 126 octets", text, stars(126)),
             echoes("echoes binary of 126 octets", binary, octets(126)),
             echoes_sizes("echoes texts of 127 to 129 octets", 127, 129),
             echoes("echoes a text of 300 octets", text, stars(300)),
             echoes("echoes a text of 65,535 octets", text, stars(65535)),
             echoes("echoes binary of 65,535 octets", binary, octets(65535)),
             echoes("echoes a text of 65,536 octets", text, stars(65536)),
             echoes("echoes binary of 65,536 octets", binary, octets(65536)),
             echoes("echoes a text of a megabyte", text, stars(1 << 20)),
             echoes("echoes binary of a megabyte", binary, octets(1 << 20)),
         }},
        {5,
         "RFC 6455 section 5.2",
         "a length is written in the shortest form there is, and its highest bit is 0",
         "parse_length() in websocket/frame.cpp",
         {
             fails("refuses a length of 5 in 2 octets", frame(text, "Hello", {.length_size = 2}),
                   1002),
             fails("refuses a length of 0 in 2 octets", frame(text, "", {.length_size = 2}), 1002),
             fails("refuses a length of 125 in 2 octets",
                   frame(binary, octets(125), {.length_size = 2}), 1002),
             fails("refuses a length of 5 in 8 octets", frame(text, "Hello", {.length_size = 8}),
                   1002),
             fails("refuses a length of 126 in 8 octets",
                   frame_header(binary, 126, {.length_size = 8}), 1002),
             fails("refuses a length of 65,535 in 8 octets",
                   frame_header(binary, 65535, {.length_size = 8}), 1002),
             fails("refuses a length with its highest bit set",
                   frame_header(binary, std::uint64_t{1} << 63), 1002),
         }},
        {5,
         "RFC 6455 section 5.3",
         "a payload is unmasked with the key that stands before it: octet i with key octet i mod 4",
         "append_unmasked() in websocket/frame.cpp",
         {
             talks("unmasks with a key of zeros", frame(text, "Hello", {.key = "\0\0\0\0"s}),
                   {hello_again}),
             talks("unmasks with a key of ones", frame(text, "Hello", {.key = "\xff\xff\xff\xff"}),
                   {hello_again}),
             echoes_sizes("unmasks texts of 1 to 17 octets", 1, 17),
             talks("unmasks each frame with its own key",
                   frame(text, "Hello", {.key = "\x01\x02\x03\x04"}) + hello,
                   {hello_again, hello_again}),
         }},
        {5,
         "RFC 6455 section 5.1",
         "a client masks all its frames; a frame that is not masked ends the connection",
         "parse_frame_header() in websocket/frame.cpp",
         {
             fails("refuses a text that is not masked", frame(text, "Hello", {.masked = false}),
                   1002),
             fails("refuses an empty text that is not masked", frame(text, "", {.masked = false}),
                   1002),
             fails("refuses a ping that is not masked", frame(ping, "", {.masked = false}), 1002),
         }},
        {5, "RFC 6455 section 5.2",
         "the opcodes 3 to 7 and 11 to 15 mean nothing yet: who gets one fails the connection",
         "to_opcode() in websocket/frame.cpp", reserved_opcodes()},
        {5, "RFC 6455 section 5.2",
         "RSV1, RSV2 and RSV3 are 0 unless an extension was agreed on that gives them a meaning",
         "parse_frame_header() in websocket/frame.cpp", reserved_bits()},
    });

const int control = register_talks(
    __FILE__, __LINE__,
    {
        {5,
         "RFC 6455 section 5.5.2",
         "a ping is answered with a pong that has the same payload, as soon as can be",
         "WebSocket::read_control() in web_socket.cpp",
         {
             talks("answers a ping", frame(ping), {{pong, ""}}),
             answers_ten_pings(),
         }},
        {5,
         "RFC 6455 section 5.5.3",
         "a pong has the payload of the ping that it answers",
         "WebSocket::read_control() in web_socket.cpp",
         {
             talks("answers a ping with its payload", frame(ping, "Hello"), {{pong, "Hello"}}),
             talks("answers a ping with any octets", frame(ping, "\0\xff\xfe\r\n"s),
                   {{pong, "\0\xff\xfe\r\n"s}}),
             talks("answers a ping of 125 octets", frame(ping, octets(125)), {{pong, octets(125)}}),
             talks("does not answer a pong", frame(pong) + frame(pong, "Hello") + hello,
                   {hello_again}),
         }},
        {5,
         "RFC 6455 section 5.5",
         "a control frame has 125 octets at most and is one frame",
         "check_control() in websocket/frame.cpp",
         {
             fails("refuses a ping of 126 octets", frame(ping, octets(126)), 1002),
             fails("refuses a pong of 126 octets", frame(pong, octets(126)), 1002),
             fails("refuses a Close of 126 octets",
                   frame(Opcode::close, close_payload(1000, stars(124))), 1002),
             fails("refuses a ping of 70,000 octets from its header", frame_header(ping, 70000),
                   1002),
             fails("refuses a ping in fragments", frame(ping, "x", {.fin = false}), 1002),
             fails("refuses a pong in fragments", frame(pong, "x", {.fin = false}), 1002),
             fails("refuses a Close in fragments",
                   frame(Opcode::close, close_payload(1000), {.fin = false}), 1002),
         }},
        {5,
         "RFC 6455 section 7.1.7",
         "a frame that breaks a rule does not undo what came before it, and nothing after it is "
         "heard",
         "WebSocket::read() in web_socket.cpp",
         {
             fails("echoes what came before a bad frame",
                   hello + frame(text, "x", {.rsv = 2}) + frame(ping, "?"), 1002, {hello_again}),
             fails("answers a ping that came before a bad frame",
                   frame(ping, "?") + frame(Opcode(3)), 1002, {{pong, "?"}}),
             fails("echoes what came before an empty frame of opcode 11", hello + frame(Opcode(11)),
                   1002, {hello_again}),
         }},
    });

const int fragmentation = register_talks(
    __FILE__, __LINE__,
    {
        {5,
         "RFC 6455 section 5.4",
         "a message is a frame with its opcode, then continuations; the last of them has FIN",
         "WebSocket::begin_message() in web_socket.cpp",
         {
             talks("puts two fragments together", fragments(text, {"Hel", "lo"}), {hello_again}),
             talks("puts many fragments together", fragments(binary, in_pieces(octets(50), 1)),
                   {{binary, octets(50)}}),
             talks("puts empty fragments together", fragments(text, {"", "", ""}), {{text, ""}}),
             talks("puts a text between empty fragments together",
                   fragments(text, {"", "Hello", ""}), {hello_again}),
             talks("puts a megabyte of fragments together",
                   fragments(binary, in_pieces(octets(1 << 20), 1000)),
                   {{binary, octets(1 << 20)}}),
             talks("begins a new message after the last fragment",
                   fragments(text, {"Hel", "lo"}) + frame(binary, "\xff"),
                   {hello_again, {binary, "\xff"}}),
             fails("refuses a continuation of nothing", frame(continuation, "x"), 1002),
             fails("refuses a continuation of nothing without FIN",
                   frame(continuation, "x", {.fin = false}), 1002),
             fails("refuses a continuation after the last fragment",
                   fragments(text, {"Hel", "lo"}) + frame(continuation, "x"), 1002, {hello_again}),
             fails("refuses a text within a text", frame(text, "a", {.fin = false}) + hello, 1002),
             fails("refuses binary within a text",
                   frame(text, "a", {.fin = false}) + frame(binary, "b"), 1002),
         }},
        {5,
         "RFC 6455 section 5.4",
         "control frames may come between the fragments of a message, and are answered there",
         "WebSocket::read_frames() in web_socket.cpp",
         {
             talks("answers pings between fragments",
                   fragments(text, {"H", "el", "lo"}, frame(ping, "?")),
                   {{pong, "?"}, {pong, "?"}, hello_again}),
             talks("passes over pongs between fragments",
                   fragments(text, {"H", "el", "lo"}, frame(pong, "!")), {hello_again}),
             {"closes between fragments",
              frame(text, "Hel", {.fin = false}) + close_frame(1000),
              {closed(1000)}},
         }},
        {5,
         "RFC 7692 section 6",
         "RSV1 belongs to the first frame of a message: in a continuation it is 0",
         "WebSocket::begin_message() in web_socket.cpp",
         {
             fails("refuses RSV1 in a continuation",
                   frame(text, "a", {.fin = false}) + frame(continuation, "b", {.rsv = 4}), 1002),
         }},
    });

}  // namespace

TEST_CASE("puts the pieces of a long frame together" * since(5) * section("RFC 9293 section 3.8") *
          rule("where a segment ends has nothing to do with where a frame ends") *
          look_at("WebSocket::read_data() in web_socket.cpp")) {
  std::string message;
  while (message.size() < 300'000) message += std::to_string(message.size()) + ' ';
  WebSocket socket(the_server());
  for (const std::string& piece : in_pieces(frame(binary, message), 997)) {
    socket.client().send(piece);
  }
  socket.expect({binary, message});
}
