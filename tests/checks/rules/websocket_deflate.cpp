// permessage-deflate: what is agreed on, and messages that are compressed.
#include <charconv>

#include "talk.hpp"

namespace {

using namespace std::string_literals;

constexpr Opcode text = Opcode::text;
const Writing rsv1{.rsv = 4};

// An offer in the handshake. Taken: the answer keeps to what was asked, and messages in both
// directions are compressed accordingly. Otherwise: no compression.
struct Offer {
  std::string name;
  std::string fields;
  bool taken = true;
};

std::map<std::string, const Offer*>& offers() {
  static std::map<std::string, const Offer*> all;
  return all;
}

Offer takes(const std::string& name, const std::string& parameters) {
  return {name, "Sec-WebSocket-Extensions: permessage-deflate" + parameters + "\r\n"};
}

Offer declines(const std::string& name, const std::string& parameters) {
  return {"declines " + name, "Sec-WebSocket-Extensions: permessage-deflate" + parameters + "\r\n",
          false};
}

bool has(const std::string& parameters, const std::string& name) {
  return parameters.find(name) != parameters.npos;
}

// The window that was offered or agreed on: 15 where nothing is said.
int window(const std::string& parameters, const std::string& name) {
  const auto found = parameters.find(name + '=');
  if (found == parameters.npos) return 15;
  const auto digit = parameters.find_first_of("0123456789", found);
  int bits = 0;
  std::from_chars(parameters.data() + digit, parameters.data() + parameters.size(), bits);
  return bits;
}

// What the answer owes to the offer (RFC 7692 section 7.1).
std::string what_is_missing(const std::string& offer, const std::string& agreed) {
  const std::string forget = "server_no_context_takeover";
  if (has(offer, forget) && !has(agreed, forget)) return forget + " in the answer, as was asked";
  if (window(agreed, "server_max_window_bits") > window(offer, "server_max_window_bits")) {
    return "server_max_window_bits in the answer, as was asked";
  }
  const std::string client_bits = "client_max_window_bits";
  if (has(agreed, client_bits) && !has(offer, client_bits)) {
    return "no client_max_window_bits, which was not offered";
  }
  return "";
}

// Words that come again, a little different each time.
std::string prose(std::size_t size) {
  std::string words;
  for (int i = 0; words.size() < size; ++i) {
    words += "{\"name\": " + std::to_string(i % 37) + "}, ";
  }
  return words.substr(0, size);
}

void expect_echoes(WebSocket& socket, const std::string& agreed) {
  Compression compression(agreed);
  for (const std::string& message :
       {prose(1000), prose(1000), ""s, prose(40'000), prose(131'072), "Hello"s}) {
    socket.client().send(frame(text, compression.compress(message), rsv1));
    socket.expect({text, message});
  }
  socket.client().send(frame(text, "not compressed"));
  socket.expect({text, "not compressed"});
}

void judge(const Offer& offer) {
  WebSocket socket(the_server(), {.more = offer.fields});
  const std::string agreed = socket.answer().find("sec-websocket-extensions").value_or("");
  const std::size_t at = socket.answer().body_begin - 2;
  if (!offer.taken) {
    if (!agreed.empty()) socket.client().fail(at, "no Sec-WebSocket-Extensions in this head");
    socket.client().send(frame(text, "Hello"));
    socket.expect({text, "Hello"});
  } else {
    if (agreed.rfind("permessage-deflate", 0) != 0) {
      socket.client().fail(at, "\"sec-websocket-extensions: permessage-deflate\" in this head");
    }
    const std::string missing = what_is_missing(offer.fields, agreed);
    if (!missing.empty()) socket.client().fail(at, missing);
    expect_echoes(socket, agreed);
  }
  socket.client().send(close_frame(1000));
  socket.expect(closed(1000));
  socket.client().expect_end();
}

void judge_offer() { judge(*offers().at(current_check())); }

const int negotiation = register_rules<Offer>(
    __FILE__, __LINE__,
    {
        {5,
         "RFC 7692 section 5.1",
         "a client offers permessage-deflate; the answer names what was agreed on, and from then "
         "on messages may be compressed",
         "negotiate_deflate() in websocket/deflate.cpp",
         {
             takes("agrees on permessage-deflate", ""),
             {"finds permessage-deflate behind other extensions",
              "Sec-WebSocket-Extensions: x-y; a=b, permessage-deflate\r\n"},
             {"finds permessage-deflate in a second field",
              "Sec-WebSocket-Extensions: x-y\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"},
             {"takes the first offer that it can meet",
              "Sec-WebSocket-Extensions: permessage-deflate; a=b, permessage-deflate\r\n"},
             {"declines an extension that it does not know",
              "Sec-WebSocket-Extensions: x-webkit-deflate-frame\r\n", false},
         }},
        {5,
         "RFC 7692 section 7.1.1",
         "without context takeover each message is compressed for itself: a server that is asked "
         "for it and agrees does so",
         "Deflater::compress() in websocket/deflate.cpp",
         {
             takes("forgets what it has sent when asked to", "; server_no_context_takeover"),
             takes("lets the client forget what it has sent", "; client_no_context_takeover"),
             takes("lets both sides forget what was sent",
                   "; client_no_context_takeover; server_no_context_takeover"),
         }},
        {5,
         "RFC 7692 section 7.1.2",
         "a side may ask for a smaller window, of 8 to 15 bits; who agrees looks back no further",
         "negotiate_deflate() in websocket/deflate.cpp",
         {
             takes("keeps to a window of 9 bits", "; server_max_window_bits=9"),
             takes("keeps to a window of 10 bits in quotes", "; server_max_window_bits=\"10\""),
             takes("keeps to a window of 15 bits", "; server_max_window_bits=15"),
             takes("may choose the client's window", "; client_max_window_bits"),
             takes("takes a client's window of 10 bits", "; client_max_window_bits=10"),
             takes("takes all parameters at once",
                   "; server_max_window_bits=11; client_max_window_bits=11; "
                   "server_no_context_takeover; client_no_context_takeover"),
         }},
        {5,
         "RFC 7692 section 7.1",
         "an offer with a parameter that is unknown, comes twice or has a wrong value is declined",
         "negotiate_deflate() in websocket/deflate.cpp",
         {
             declines("a parameter that it does not know", "; colour=green"),
             declines("a window of 16 bits", "; server_max_window_bits=16"),
             declines("a window of 7 bits", "; client_max_window_bits=7"),
             declines("a window with a leading zero", "; server_max_window_bits=09"),
             declines("a window without bits", "; server_max_window_bits"),
             declines("an empty window", "; client_max_window_bits="),
             declines("a parameter that comes twice",
                      "; client_max_window_bits; client_max_window_bits"),
             declines("a value where there is none", "; server_no_context_takeover=1"),
         }},
    },
    offers(), judge_offer);

// A message that is compressed, and then cut into fragments.
std::string compressed_fragments(const std::string& message, std::size_t size,
                                 const std::string& between = "") {
  return fragments(text, in_pieces(compressed(message), size), between, 4);
}

// The second one refers to the first; each of their octets comes in a frame of its own.
Talk two_messages_of_octets() {
  Compression compression;
  std::string frames;
  for (int i = 0; i < 2; ++i) {
    frames += fragments(text, in_pieces(compression.compress(prose(100)), 1), "", 4);
  }
  return talks("reads compressed messages in fragments of one octet", frames,
               {{text, prose(100)}, {text, prose(100)}})
      .with_deflate();
}

// Characters that do not come again in any order: what compression makes larger.
std::string noise(std::size_t size) {
  std::string characters;
  for (std::uint32_t seed = 1; characters.size() < size;) {
    seed = seed * 1664525 + 1013904223;  // the upper bits of a linear congruential generator
    characters += static_cast<char>(' ' + (seed >> 24) % 95);
  }
  return characters;
}

const int messages = register_talks(
    __FILE__, __LINE__,
    {
        {5,
         "RFC 7692 section 6.1",
         "a message is compressed as a whole, then cut into fragments; RSV1 stands in the first",
         "WebSocket::append() in web_socket.cpp",
         {
             talks("reads compressed fragments", compressed_fragments("Hello, Hello", 3),
                   {{text, "Hello, Hello"}})
                 .with_deflate(),
             two_messages_of_octets(),
             talks("answers a ping between compressed fragments",
                   compressed_fragments("Hello, Hello", 8, frame(Opcode::ping, "?")),
                   {{Opcode::pong, "?"}, {text, "Hello, Hello"}})
                 .with_deflate(),
             talks("reads plain messages between compressed ones",
                   frame(text, "plain") + frame(text, compressed("packed"), rsv1) +
                       frame(text, "plain"),
                   {{text, "plain"}, {text, "packed"}, {text, "plain"}})
                 .with_deflate(),
         }},
        {5,
         "RFC 7692 section 7.2.3",
         "a sender may use any blocks of DEFLATE: stored ones, several, or one that says it is the "
         "last",
         "Inflater::decompress() in websocket/deflate.cpp",
         {
             talks("reads a block that is not compressed",
                   frame(text, "\0\x05\0\xfa\xffHello\0"s, rsv1), {{text, "Hello"}})
                 .with_deflate(),
             talks("reads a block that says it is the last",
                   frame(text, "\xf3\x48\xcd\xc9\xc9\x07\0\0"s, rsv1), {{text, "Hello"}})
                 .with_deflate(),
             talks("reads an empty compressed message", frame(text, "\0"s, rsv1), {{text, ""}})
                 .with_deflate(),
         }},
        {5,
         "RFC 7692 section 6",
         "RSV1 stands in the first frame of a message, never in a continuation or a control frame",
         "WebSocket::begin_message() in web_socket.cpp",
         {
             fails("refuses a compressed ping", frame(Opcode::ping, "", rsv1), 1002).with_deflate(),
             fails("refuses a compressed Close", frame(Opcode::close, "", rsv1), 1002)
                 .with_deflate(),
             fails("refuses RSV1 in a second compressed fragment",
                   frame(text, "x", {.fin = false}) + frame(Opcode::continuation, "x", rsv1), 1002)
                 .with_deflate(),
             fails("refuses RSV2 with permessage-deflate", frame(text, "x", {.rsv = 2}), 1002)
                 .with_deflate(),
         }},
        {5,
         "RFC 6455 section 8.1",
         "a compressed text is UTF-8 once it is decompressed",
         "WebSocket::append() in web_socket.cpp",
         {
             fails("refuses a compressed text that is not UTF-8",
                   frame(text, compressed("good \xed\xa0\x80"), rsv1), 1007)
                 .with_deflate(),
             fails("refuses a compressed text that ends in a character",
                   frame(text, compressed("good \xe1\xbd"), rsv1), 1007)
                 .with_deflate(),
         }},
        {5,
         "RFC 7692 section 7.2.2",
         "a payload with RSV1 that is not DEFLATE cannot be read: the connection fails",
         "Inflater::decompress() in websocket/deflate.cpp",
         {
             fails("refuses what is not DEFLATE", frame(Opcode::binary, "\x07", rsv1), 1007)
                 .with_deflate(),
             fails("refuses a stored block of a wrong length",
                   frame(Opcode::binary, "\0\x05\0\0\0Hello"s, rsv1), 1007)
                 .with_deflate(),
         }},
    });

}  // namespace

TEST_CASE("compresses what is worth it" * since(5) * section("RFC 7692 section 7.2.1") *
          rule("a message that comes back compressed is smaller, and smaller still the second "
               "time: the receiver remembers what it has got (context takeover)") *
          look_at("Deflater::compress() in websocket/deflate.cpp")) {
  WebSocket socket(the_server(), {.more = "Sec-WebSocket-Extensions: permessage-deflate\r\n"});
  const std::string message = prose(4000);
  for (std::size_t limit : {std::size_t{2000}, std::size_t{200}}) {
    const std::size_t before = socket.client().position();
    socket.client().send(frame(text, message));
    socket.expect({text, message});
    const std::size_t size = socket.client().position() - before;
    if (size > limit) socket.client().fail(before, "at most " + counted(limit, "byte"));
  }
}

TEST_CASE("keeps to each combination of parameters" * since(5) * section("RFC 7692 section 7.1") *
          rule("each parameter says something of one direction, whatever the others are") *
          look_at("negotiate_deflate() in websocket/deflate.cpp")) {
  for (const std::string server : {"", "; server_no_context_takeover"}) {
    for (const std::string client : {"", "; client_no_context_takeover"}) {
      for (const std::string ours : {"", "; server_max_window_bits=9"}) {
        for (const std::string theirs : {"", "; client_max_window_bits=9"}) {
          judge(takes("", server + client + ours + theirs));
        }
      }
    }
  }
}

TEST_CASE("remembers what was sent, over a thousand messages" * since(5) *
          section("RFC 7692 section 7.2.3.2") *
          rule("with context takeover the window goes on from one message to the next") *
          look_at("Inflater::finish() in websocket/deflate.cpp")) {
  WebSocket socket(the_server(), {.more = takes("", "").fields});
  Compression compression;
  for (std::size_t i = 0; i < 1000; ++i) {
    const std::string message = prose(i * 997 % 2000);
    socket.client().send(frame(text, compression.compress(message), rsv1));
    socket.expect({text, message});
  }
}

TEST_CASE("takes messages that do not become smaller" * since(5) *
          section("RFC 7692 section 7.2.3.3") *
          rule("what compression would make larger is sent in blocks that are stored as they are") *
          look_at("Deflater::compress() in websocket/deflate.cpp")) {
  WebSocket socket(the_server(), {.more = takes("", "").fields});
  Compression compression;
  for (int i = 0; i < 2; ++i) {
    socket.client().send(frame(text, compression.compress(noise(100'000)), rsv1));
    socket.expect({text, noise(100'000)});
  }
}

TEST_CASE("compresses nothing when it was told not to" * since(5) *
          section("RFC 7692 section 5.1") *
          rule("a server need not agree on an extension (--ws-per-message-deflate false); without "
               "one RSV1 means nothing") *
          look_at("WebSocketCycle::accept() in websocket_cycle.cpp")) {
  Server server("--ws-per-message-deflate false");
  WebSocket socket(server.endpoint(), {.more = takes("", "").fields});
  if (socket.answer().find("sec-websocket-extensions")) {
    socket.client().fail(socket.answer().body_begin - 2,
                         "no Sec-WebSocket-Extensions in this head");
  }
  socket.client().send(frame(text, "x", rsv1));
  socket.expect(closed(1002));
  socket.client().expect_end();
}
