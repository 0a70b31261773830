#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "http/body.hpp"
#include "http/grammar.hpp"
#include "outcome.hpp"

using std::literals::operator""sv;

namespace {

Outcome read_chunk_header(std::string_view input) {
  return outcome_of([&]() -> std::optional<Outcome> {
    const std::optional<http::ChunkHeader> header = http::parse_chunk_header(input);
    if (!header) return std::nullopt;
    return Outcome{.size = header->header_size, .understood = std::to_string(header->size)};
  });
}

Outcome read_chunk_end(std::string_view input) {
  return outcome_of([&]() -> std::optional<Outcome> {
    if (!http::parse_chunk_end(input)) return std::nullopt;
    return Outcome{.size = 2};
  });
}

Outcome read_trailers(std::string_view input) {
  return outcome_of([&]() -> std::optional<Outcome> {
    const std::optional<std::size_t> size = http::parse_trailers(input);
    if (!size) return std::nullopt;
    return Outcome{.size = *size};
  });
}

struct Chunk {
  std::string_view header;
  std::string_view size;
};

constexpr Chunk good_chunks[] = {
    // RFC 9112 section 7.1: chunk-size
    {"0\r\n", "0"},
    {"5\r\n", "5"},
    {"a\r\n", "10"},
    {"A\r\n", "10"},
    {"fF\r\n", "255"},
    {"0000\r\n", "0"},
    {"00000000000000000000000000000000000000005\r\n", "5"},
    {"ffffffffffffffff\r\n", "18446744073709551615"},
    {"0000ffffffffffffffff\r\n", "18446744073709551615"},
    // RFC 9112 section 7.1.1: extensions
    {"5;a\r\n", "5"},
    {"5;a=b\r\n", "5"},
    {"5;a=\"b\"\r\n", "5"},
    {"5;a=\"\"\r\n", "5"},
    {"5;a=\"b;c=d\"\r\n", "5"},
    {"5;a=\"\\\"\"\r\n", "5"},
    {"5;a=\"b\\\\c\\\"d\\e\"\r\n", "5"},
    {"5;a=\"\t \x80\"\r\n", "5"},
    {"5;a;b;c=d;e=\"f\"\r\n", "5"},
    {"5 ; a = b\r\n", "5"},
    {"5\t;\ta\t=\t\"b\"\r\n", "5"},
    {"5 \t ; \t a \t ; \t b\r\n", "5"},
    {"5;!#$%&'*+-.^_`|~09aZ=!\r\n", "5"},
    {"0;a=b\r\n", "0"},
};

struct BadChunk {
  std::string_view section;
  std::string_view header;
};

constexpr BadChunk bad_chunks[] = {
    {"RFC 9112 section 7.1", "\r\n"},
    {"RFC 9112 section 7.1", " 5\r\n"},
    {"RFC 9112 section 7.1", "\t5\r\n"},
    {"RFC 9112 section 7.1", "+5\r\n"},
    {"RFC 9112 section 7.1", "-5\r\n"},
    {"RFC 9112 section 7.1", "0x5\r\n"},
    {"RFC 9112 section 7.1", "5_0\r\n"},
    {"RFC 9112 section 7.1", "5h\r\n"},
    {"RFC 9112 section 7.1", "g\r\n"},
    {"RFC 9112 section 7.1", "5.\r\n"},
    {"RFC 9112 section 7.1", "5,5\r\n"},
    {"RFC 9112 section 7.1", "\"5\"\r\n"},
    {"RFC 9112 section 7.1", "5\0\r\n"sv},
    {"RFC 9112 section 7.1", "\xb5\r\n"},
    {"RFC 9112 section 7.1", ";a\r\n"},
    {"RFC 9112 section 7.1", "10000000000000000\r\n"},
    {"RFC 9112 section 7.1", "fffffffffffffffff\r\n"},
    {"RFC 9112 section 7.1", "0010000000000000000;a\r\n"},
    {"RFC 9112 section 2.2", "5\n"},
    {"RFC 9112 section 2.2",
     "5\r"
     "5"},
    {"RFC 9112 section 2.2", "5\r\r\n"},
    {"RFC 9112 section 2.2", "5;a\n"},
    {"RFC 9112 section 2.2", "5;a\rb\r\n"},
    {"RFC 9112 section 2.2", "5;a=\"\n\"\r\n"},
    {"RFC 9112 section 2.2", "5;a=\"\r\n\"\r\n"},
    {"RFC 9112 section 2.2", "5;a=\"\\\r\n\"\r\n"},
    {"RFC 9112 section 7.1.1", "5 \r\n"},
    {"RFC 9112 section 7.1.1", "5\t\r\n"},
    {"RFC 9112 section 7.1.1", "5 5\r\n"},
    {"RFC 9112 section 7.1.1", "5;\r\n"},
    {"RFC 9112 section 7.1.1", "5; \r\n"},
    {"RFC 9112 section 7.1.1", "5;;a\r\n"},
    {"RFC 9112 section 7.1.1", "5;a;\r\n"},
    {"RFC 9112 section 7.1.1", "5;a \r\n"},
    {"RFC 9112 section 7.1.1", "5;a b\r\n"},
    {"RFC 9112 section 7.1.1", "5;=b\r\n"},
    {"RFC 9112 section 7.1.1", "5;a=\r\n"},
    {"RFC 9112 section 7.1.1", "5;a=;b\r\n"},
    {"RFC 9112 section 7.1.1", "5;a==b\r\n"},
    {"RFC 9112 section 7.1.1", "5;a=b=c\r\n"},
    {"RFC 9112 section 7.1.1", "5;a=b \r\n"},
    {"RFC 9112 section 7.1.1", "5;a,b\r\n"},
    {"RFC 9112 section 7.1.1", "5;a@\r\n"},
    {"RFC 9112 section 7.1.1", "5;\"a\"\r\n"},
    {"RFC 9112 section 7.1.1", "5;a=\"b\r\n"},
    {"RFC 9112 section 7.1.1", "5;a=b\"\r\n"},
    {"RFC 9112 section 7.1.1", "5;a=\"b\"c\r\n"},
    {"RFC 9112 section 7.1.1", "5;a=\0\r\n"sv},
    {"RFC 9112 section 7.1.1", "5;a=\x80\r\n"},
    {"RFC 9110 section 5.6.4", "5;a=\"\0\"\r\n"sv},
    {"RFC 9110 section 5.6.4", "5;a=\"\x7f\"\r\n"},
    {"RFC 9110 section 5.6.4", "5;a=\"\\\x01\"\r\n"},
};

struct BadTrailers {
  int status;
  std::string_view section;
  std::string_view trailers;
};

constexpr BadTrailers bad_trailers[] = {
    {400, "RFC 9112 section 2.2", "\n"},
    {400, "RFC 9112 section 2.2", "\r\r\n"},
    {400, "RFC 9112 section 2.2", "A: b\n\r\n"},
    {400, "RFC 9112 section 2.2", "A: b\r\n\n"},
    {400, "RFC 9112 section 2.2", "A: b\rc\r\n\r\n"},
    {400, "RFC 9112 section 5", "A\r\n\r\n"},
    {400, "RFC 9112 section 5", ": b\r\n\r\n"},
    {400, "RFC 9112 section 5", "GET / HTTP/1.1\r\n\r\n"},
    {400, "RFC 9112 section 5.1", "A : b\r\n\r\n"},
    {400, "RFC 9112 section 5.2", " A: b\r\n\r\n"},
    {400, "RFC 9112 section 5.2", "A: b\r\n c\r\n\r\n"},
    {400, "RFC 9110 section 5.5", "A: \0\r\n\r\n"sv},
};

}  // namespace

TEST_CASE("good chunk headers are read, whatever the segments") {
  for (const Chunk& row : good_chunks) {
    CAPTURE(row.header);
    const Outcome outcome = check_every_split(read_chunk_header, row.header);
    CHECK(outcome.size == row.header.size());
    CHECK(outcome.understood == row.size);
  }
}

TEST_CASE("bad chunk headers are refused, whatever the segments") {
  for (const BadChunk& row : bad_chunks) {
    CAPTURE(row.section);
    CAPTURE(row.header);
    CHECK(check_every_split(read_chunk_header, row.header).status == 400);
  }
}

TEST_CASE("a chunk header has at most 8192 octets, with its CRLF (RFC 9112 section 7.1.1)") {
  CHECK(http::max_chunk_line == 8192);
  for (const std::string_view start : {"5;", "5;a=", "5;a=\"", "5", "0;a"}) {
    CAPTURE(start);
    const std::string_view rest = start.ends_with('"') ? "\"\r\n" : "\r\n";
    const auto header = [&](std::size_t size) {
      const char filler = start == "5" ? '0' : 'a';
      const std::string zeros = start == "5" ? "" : std::string(start);
      std::string text = zeros + std::string(size - zeros.size() - rest.size(), filler);
      return text.append(rest);
    };
    CHECK(check_every_split(read_chunk_header, header(8192)).size == 8192);
    CHECK(check_every_split(read_chunk_header, header(8193)).status == 400);
    CHECK(check_every_split(read_chunk_header, header(20000)).status == 400);
  }
  CHECK(check_every_split(read_chunk_header, "5" + std::string(20000, ' ')).status == 400);
  CHECK(read_chunk_header("5" + std::string(8191, ' ')).status == 400);
  CHECK(read_chunk_header("5" + std::string(8190, ' ')) == Outcome());
}

TEST_CASE("chunk data ends with exactly CRLF (RFC 9112 section 7.1)") {
  CHECK(check_every_split(read_chunk_end, "\r\n").size == 2);
  for (const std::string_view bad :
       {"\n"sv, "\r\r"sv, "\rx"sv, "x\r\n"sv, "0"sv, " \r\n"sv, "\0"sv}) {
    CAPTURE(bad);
    CHECK(check_every_split(read_chunk_end, bad).status == 400);
  }
}

TEST_CASE("trailers are fields up to an empty line (RFC 9112 section 7.1.2)") {
  for (const std::string_view good :
       {"\r\n", "A: b\r\n\r\n", "A:\r\nB: \t c \r\n\r\n", "Content-Length: 5\r\n\r\n",
        "Transfer-Encoding: chunked\r\nHost: x\r\nHost: y\r\n\r\n"}) {
    CAPTURE(good);
    CHECK(check_every_split(read_trailers, good).size == good.size());
  }
  for (const BadTrailers& row : bad_trailers) {
    CAPTURE(row.section);
    CAPTURE(row.trailers);
    CHECK(check_every_split(read_trailers, row.trailers).status == row.status);
  }
}

TEST_CASE("trailers have the limits of a head (RFC 6585 section 5)") {
  const auto of_size = [](std::size_t size) {
    return "A: " + std::string(size - 7, 'b') + "\r\n\r\n";
  };
  CHECK(check_every_split(read_trailers, of_size(32768)).size == 32768);
  CHECK(check_every_split(read_trailers, of_size(32769)).status == 431);
  CHECK(check_every_split(read_trailers, of_size(80000)).status == 431);
  CHECK(read_trailers("A: " + std::string(32765, 'b')).status == 431);
  CHECK(read_trailers("A: " + std::string(32764, 'b')) == Outcome());
  CHECK(check_every_split(read_trailers, repeat("A: b\r\n", 100) + "\r\n").size == 602);
  CHECK(check_every_split(read_trailers, repeat("A: b\r\n", 101) + "\r\n").status == 431);
}

TEST_CASE("an octet that is not there yet is neither read nor refused") {
  http::Scanner nothing("");
  CHECK_FALSE(nothing.expect(http::hex_digit, "a digit"));
  CHECK(nothing.position() == 0);
}
