#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/request.hpp"
#include "outcome.hpp"
#include "websocket/deflate.hpp"
#include "websocket/error.hpp"

using std::literals::operator""sv;

namespace {

constexpr std::size_t no_limit = 1 << 30;

// The answer to an offer; "declined" if there is none.
std::string answer(std::string_view offers) {
  const auto parameters = websocket::negotiate_deflate(offers);
  return parameters ? websocket::to_extension(*parameters) : "declined";
}

websocket::DeflateParameters agreed(const std::string& parameters) {
  const auto result = websocket::negotiate_deflate("permessage-deflate" + parameters);
  REQUIRE(result);
  return *result;
}

std::string inflated(websocket::Inflater& inflater, std::string_view payload,
                     std::size_t max_size = no_limit, std::size_t step = 1 << 20) {
  std::string message;
  for (; !payload.empty(); payload.remove_prefix(std::min(step, payload.size()))) {
    inflater.decompress(payload.substr(0, step), message, max_size);
  }
  inflater.finish(message, max_size);
  return message;
}

// The close code of the refusal; 0: none.
int refusal(std::string_view payload, std::size_t max_size = no_limit) {
  websocket::Inflater inflater(agreed(""));
  try {
    inflated(inflater, payload, max_size);
  } catch (const websocket::Error& error) {
    return error.close_code();
  }
  return 0;
}

struct Offer {
  std::string_view offer;
  std::string_view answer;
};

constexpr Offer offers[] = {
    // RFC 7692 section 7.1
    {"permessage-deflate", "permessage-deflate"},
    {" permessage-deflate ", "permessage-deflate"},
    {"permessage-deflate; server_no_context_takeover",
     "permessage-deflate; server_no_context_takeover"},
    {"permessage-deflate;client_no_context_takeover",
     "permessage-deflate; client_no_context_takeover"},
    {"permessage-deflate; client_max_window_bits", "permessage-deflate"},
    {"permessage-deflate; client_max_window_bits=8",
     "permessage-deflate; client_max_window_bits=8"},
    {"permessage-deflate; server_max_window_bits=9",
     "permessage-deflate; server_max_window_bits=9"},
    {"permessage-deflate; server_max_window_bits=15",
     "permessage-deflate; server_max_window_bits=15"},
    {"permessage-deflate; server_max_window_bits = \"12\"",
     "permessage-deflate; server_max_window_bits=12"},
    {"permessage-deflate; client_max_window_bits=10; server_max_window_bits=11; "
     "client_no_context_takeover; server_no_context_takeover",
     "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
     "server_max_window_bits=11; client_max_window_bits=10"},
    {"x, permessage-deflate", "permessage-deflate"},
    {"x; y=\"a,permessage-deflate\", z", "declined"},
    {"permessage-deflate; x, permessage-deflate; server_max_window_bits=10",
     "permessage-deflate; server_max_window_bits=10"},
    {"", "declined"},
    {",", "declined"},
    {"permessage-deflate;", "declined"},
    {"permessage-deflate; ;", "declined"},
    {"permessage-deflate; client_no_context_takeover;", "declined"},
    {"permessage-deflat", "declined"},
    {"x-webkit-deflate-frame", "declined"},
    {"permessage-deflate; x", "declined"},
    {"permessage-deflate; server_no_context_takeover=true", "declined"},
    {"permessage-deflate; client_no_context_takeover; client_no_context_takeover", "declined"},
    {"permessage-deflate; client_max_window_bits; client_max_window_bits=9", "declined"},
    {"permessage-deflate; server_max_window_bits", "declined"},
    {"permessage-deflate; server_max_window_bits=", "declined"},
    {"permessage-deflate; server_max_window_bits=8", "declined"},
    {"permessage-deflate; server_max_window_bits=16", "declined"},
    {"permessage-deflate; server_max_window_bits=010", "declined"},
    {"permessage-deflate; server_max_window_bits=1x", "declined"},
    {"permessage-deflate; client_max_window_bits=7", "declined"},
    {"permessage-deflate; client_max_window_bits=16", "declined"},
    {"permessage-deflate; client_max_window_bits=\"", "declined"},
};

}  // namespace

TEST_CASE("offers may stand in several fields; the first that can be met counts") {
  const auto answer_to = [](std::string fields) {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n" + std::move(fields) + "\r\n";
    http::Request request;
    REQUIRE(http::parse_request(head, request));
    const auto parameters = websocket::negotiate_deflate(request);
    return parameters ? websocket::to_extension(*parameters) : "declined";
  };
  CHECK(answer_to("") == "declined");
  CHECK(answer_to("Sec-WebSocket-Protocol: permessage-deflate\r\n") == "declined");
  CHECK(answer_to("Sec-WebSocket-Extensions: other\r\n") == "declined");
  CHECK(answer_to("Sec-WebSocket-Extensions: other\r\nX: y\r\n"
                  "sec-websocket-extensions: permessage-deflate; server_max_window_bits=9\r\n"
                  "Sec-WebSocket-Extensions: permessage-deflate\r\n") ==
        "permessage-deflate; server_max_window_bits=9");
}

TEST_CASE("the first offer that can be met is chosen (RFC 7692 section 7.1)") {
  for (const Offer& row : offers) {
    CAPTURE(row.offer);
    CHECK(answer(row.offer) == row.answer);
  }
}

TEST_CASE("a message is the same again, whatever was agreed on and whatever the segments") {
  const std::string messages[] = {
      "", "x", "Hello", repeat("Hello", 1000), repeat("abcdefghijklmnop", 10000), "", "last"};
  for (const char* server : {"", "; server_no_context_takeover"}) {
    for (const char* bits : {"", "; server_max_window_bits=9; client_max_window_bits=9"}) {
      for (const std::size_t step : {1, 7, 1 << 20}) {
        const std::string client = *server ? "; client_no_context_takeover" : "";
        const auto parameters = agreed(server + client + bits);
        websocket::Deflater deflater(parameters);
        websocket::Inflater inflater(parameters);
        for (const std::string& message : messages) {
          CHECK(inflated(inflater, deflater.compress(message), no_limit, step) == message);
        }
      }
    }
  }
}

TEST_CASE("what was said before is remembered, unless it was agreed not to") {
  const std::string message = "words that hardly shrink by themselves: 0123456789";
  websocket::Deflater remembering(agreed(""));
  const std::size_t first = remembering.compress(message).size();
  CHECK(first > 2 * remembering.compress(message).size());
  websocket::Deflater forgetting(agreed("; server_no_context_takeover"));
  CHECK(forgetting.compress(message) == forgetting.compress(message));
}

TEST_CASE("the examples of RFC 7692 section 7.2.3") {
  websocket::Inflater inflater(agreed(""));
  CHECK(inflated(inflater, "\xf2\x48\xcd\xc9\xc9\x07\x00"sv) == "Hello");
  CHECK(inflated(inflater, "\xf2\x00\x11\x00\x00"sv) == "Hello");
  CHECK(inflated(inflater, "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"sv) == "Hello");
  CHECK(inflated(inflater, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"sv) == "Hello");
  CHECK(inflated(inflater, "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"sv) == "Hello");
  CHECK(inflated(inflater, "\x00"sv).empty());
}

// The second message is a reference to five octets that were sent five octets before.
TEST_CASE("what came before a final block is remembered (RFC 7692 section 7.2.3.4)") {
  websocket::Inflater inflater(agreed(""));
  CHECK(inflated(inflater, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"sv) == "Hello");
  CHECK(inflated(inflater, "\xf2\x00\x11\x00\x00"sv) == "Hello");
}

TEST_CASE("a message that inflates beyond the limit is refused with 1009") {
  websocket::Deflater deflater(agreed("; server_no_context_takeover"));
  CHECK(refusal(deflater.compress("0123456789"), 10) == 0);
  CHECK(refusal(deflater.compress("0123456789x"), 10) == 1009);
  const std::string bomb = deflater.compress(std::string(1 << 24, '\0'));
  CHECK(bomb.size() < 20000);
  CHECK(refusal(bomb, 1 << 24) == 0);
  CHECK(refusal(bomb, (1 << 24) - 1) == 1009);
  CHECK(refusal(bomb, 1) == 1009);
}

TEST_CASE("what is not DEFLATE is refused with 1007") {
  for (const std::string_view payload :
       {"\x07"sv, "\xff\xff\xff\xff"sv, "\x00\x05\x00\x00\x00"sv}) {
    CHECK(refusal(payload) == 1007);
  }
}
