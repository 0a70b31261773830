#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "outcome.hpp"
#include "websocket/error.hpp"
#include "websocket/frame.hpp"

using std::literals::operator""sv;

namespace {

// What `parse` makes of its input; the close code of a refusal stands for its status.
template <typename Parse>
Outcome websocket_outcome(Parse parse) {
  return outcome_of([&]() -> std::optional<Outcome> {
    try {
      return parse();
    } catch (const websocket::Error& error) {
      CHECK(std::string_view(error.rule()).size() <= 123);
      return Outcome{.status = error.close_code(), .understood = error.rule()};
    }
  });
}

Outcome read_header(std::string_view input) {
  return websocket_outcome([&]() -> std::optional<Outcome> {
    const std::optional<websocket::FrameHeader> header = websocket::parse_frame_header(input);
    if (!header) return std::nullopt;
    std::string text = std::to_string(static_cast<int>(header->opcode));
    if (header->fin) text += " FIN";
    if (header->rsv1) text += " RSV1";
    text += ' ' + std::to_string(header->length) + ' ';
    text.append(header->key.data(), header->key.size());
    return Outcome{.size = header->header_size, .understood = text};
  });
}

Outcome read_close(std::string_view payload) {
  return websocket_outcome([&]() -> std::optional<Outcome> {
    const websocket::CloseReason reason = websocket::parse_close(payload);
    return Outcome{.understood = std::to_string(reason.code) + ' ' + reason.reason};
  });
}

std::string of_code(int code) {
  return {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
}

struct GoodHeader {
  std::string_view header;
  std::string_view understood;
};

constexpr GoodHeader good_headers[] = {
    // RFC 6455 section 5.2
    {"\x81\x80mask"sv, "1 FIN 0 mask"},
    {"\x82\x85mask"sv, "2 FIN 5 mask"},
    {"\x01\x85mask"sv, "1 5 mask"},
    {"\x00\x85mask"sv, "0 5 mask"},
    {"\x80\x85mask"sv, "0 FIN 5 mask"},
    {"\x81\xfdmask"sv, "1 FIN 125 mask"},
    {"\x81\xfe\x00\x7emask"sv, "1 FIN 126 mask"},
    {"\x81\xfe\xff\xffmask"sv, "1 FIN 65535 mask"},
    {"\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00mask"sv, "1 FIN 65536 mask"},
    {"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask"sv, "1 FIN 9223372036854775807 mask"},
    {"\x88\x80mask"sv, "8 FIN 0 mask"},
    {"\x89\xfdmask"sv, "9 FIN 125 mask"},
    {"\x8a\x81mask"sv, "10 FIN 1 mask"},
    // RFC 7692 section 6
    {"\xc1\x85mask"sv, "1 FIN RSV1 5 mask"},
    {"\x42\x85mask"sv, "2 RSV1 5 mask"},
};

struct BadHeader {
  std::string_view section;
  std::string_view header;
};

constexpr BadHeader bad_headers[] = {
    {"RFC 6455 section 5.1", "\x81\x05"sv},
    {"RFC 6455 section 5.1", "\x89\x00"sv},
    {"RFC 6455 section 5.2", "\xa1\x80mask"sv},
    {"RFC 6455 section 5.2", "\x91\x80mask"sv},
    {"RFC 6455 section 5.2", "\xf1\x80mask"sv},
    {"RFC 6455 section 5.2", "\x83\x80mask"sv},
    {"RFC 6455 section 5.2", "\x87\x80mask"sv},
    {"RFC 6455 section 5.2", "\x8b\x80mask"sv},
    {"RFC 6455 section 5.2", "\x8f\x80mask"sv},
    {"RFC 6455 section 5.2", "\x81\xfe\x00\x7dmask"sv},
    {"RFC 6455 section 5.2", "\x81\xff\x00\x00\x00\x00\x00\x00\xff\xffmask"sv},
    {"RFC 6455 section 5.2", "\x81\xff\x80\x00\x00\x00\x00\x00\x00\x00mask"sv},
    {"RFC 6455 section 5.5", "\x08\x80mask"sv},
    {"RFC 6455 section 5.5", "\x09\x80mask"sv},
    {"RFC 6455 section 5.5", "\x88\xfe\x00\x7emask"sv},
    {"RFC 6455 section 5.5", "\x89\xff"sv},
    {"RFC 7692 section 6", "\xc9\x80mask"sv},
};

constexpr std::string_view bad_utf8[] = {
    "\x80",     "\xbf",     "\xc0\xaf", "\xc1\xbf",     "\xe0\x9f\xbf", "\xed\xa0\x80",
    "\xf0\x8f", "\xf4\x90", "\xf5",     "\xc3\x28",     "\xe2\x28\xa1", "\xff",
    "\xfe",     "\xc3",     "\xe2\x82", "\xf0\x9f\x98", "\xc3\xa4\xa4", "12345678\xed\xa0\x80",
};

}  // namespace

TEST_CASE("good frame headers are read, whatever the segments") {
  for (const GoodHeader& row : good_headers) {
    CAPTURE(row.understood);
    const Outcome outcome = check_every_split(read_header, row.header);
    CHECK(outcome.size == row.header.size());
    CHECK(outcome.understood == row.understood);
  }
}

TEST_CASE("bad frame headers are refused, whatever the segments") {
  for (const BadHeader& row : bad_headers) {
    CAPTURE(row.section);
    CAPTURE(row.header);
    CHECK(check_every_split(read_header, row.header).status == 1002);
  }
}

TEST_CASE("a payload is unmasked from any place on (RFC 6455 section 5.3)") {
  const websocket::MaskingKey key = {'\x37', '\xfa', '\x21', '\x3d'};
  CHECK([&] {
    std::string hello;
    websocket::append_unmasked(hello, "\x7f\x9f\x4d\x51\x58"sv, key, 0);
    return hello;
  }() == "Hello");  // the example of section 5.7
  const std::string masked = repeat("0123456789abcdef", 3);
  std::string expected;
  for (std::size_t i = 0; i < masked.size(); ++i) {
    expected += static_cast<char>(masked[i] ^ key[i % 4]);
  }
  for (std::size_t split = 0; split <= masked.size(); ++split) {
    std::string out = "before";
    websocket::append_unmasked(out, std::string_view(masked).substr(0, split), key, 0);
    websocket::append_unmasked(out, std::string_view(masked).substr(split), key, split);
    CHECK(out == "before" + expected);
  }
}

TEST_CASE("a server's frame has the shortest length and no mask (RFC 6455 section 5.2)") {
  const auto start_of = [](std::size_t size) {
    std::string out;
    websocket::append_frame(out, websocket::Opcode::binary, std::string(size, 'x'));
    return out.substr(0, out.size() - size);
  };
  CHECK(start_of(0) == "\x82\x00"sv);
  CHECK(start_of(125) == "\x82\x7d"sv);
  CHECK(start_of(126) == "\x82\x7e\x00\x7e"sv);
  CHECK(start_of(65535) == "\x82\x7e\xff\xff"sv);
  CHECK(start_of(65536) == "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"sv);
  std::string compressed;
  websocket::append_frame(compressed, websocket::Opcode::text, "x", true);
  CHECK(compressed == "\xc1\x01x"sv);
}

TEST_CASE("a frame for which there is no memory leaves no part of itself behind") {
  std::string out = "before";
  const std::string_view endless(out.data(), out.max_size());
  CHECK_THROWS(websocket::append_frame(out, websocket::Opcode::binary, endless));
  CHECK(out == "before");
}

TEST_CASE("a Close has no payload, a code, or a code and a reason (RFC 6455 section 5.5.1)") {
  CHECK(read_close("").understood == "1005 ");
  CHECK(read_close("\x03\xe8"sv).understood == "1000 ");
  CHECK(read_close("\x03\xe9gone").understood == "1001 gone");
  CHECK(read_close("\x03").status == 1002);
  for (const std::string_view text : bad_utf8) {
    CHECK(read_close(of_code(1000).append(text)).status == 1007);
  }
}

TEST_CASE("some close codes are not for the wire (RFC 6455 section 7.4)") {
  for (int code = 0; code <= 0xffff; ++code) {
    const bool reserved = code == 1004 || code == 1005 || code == 1006;
    const bool defined = code >= 1000 && code <= 1014 && !reserved;
    const bool good = defined || (code >= 3000 && code <= 4999);
    if (websocket::is_valid_close_code(static_cast<std::uint16_t>(code)) != good) FAIL(code);
    if (read_close(of_code(code)).status != (good ? 0 : 1002)) FAIL(code);
  }
}

TEST_CASE("a reason is cut between two characters") {
  const auto closed_with = [](std::uint16_t code, const std::string& reason) {
    websocket::CloseReason close;
    close.code = code;
    close.reason = reason;
    std::string out;
    websocket::append_close(out, close);
    return out;
  };
  CHECK(closed_with(1005, "unsaid") == "\x88\x00"sv);
  CHECK(closed_with(1000, "") == "\x88\x02\x03\xe8"sv);
  CHECK(closed_with(1001, "bye") ==
        "\x88\x05\x03\xe9"
        "bye"sv);
  for (std::size_t size = 110; size < 135; ++size) {
    const std::string out = closed_with(1000, std::string(size, 'x') + "\xf0\x9f\x98\x80");
    CAPTURE(size);
    CHECK(out.size() <= 127);
    CHECK(out.size() == static_cast<std::size_t>(out[1]) + 2);
    CHECK(read_close(std::string_view(out).substr(2)).status == 0);
  }
}
