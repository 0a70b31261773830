// Reads requests, each a line of hexadecimal digits, and prints for each what the grammar of the
// last step understands: see differential.py.
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include "http/body.hpp"
#include "http/error.hpp"
#include "http/grammar.hpp"
#include "http/request.hpp"
#include "http/target.hpp"

namespace {

struct Incomplete {};

std::string head_of(const http::Request& request) {
  std::string text = request.method + ' ';
  text.append(request.target).append(request.minor_version == 0 ? " 1.0\n" : " 1.1\n");
  for (const auto& [name, value] : request.fields) {
    for (const char c : name) text += http::to_lower(c);
    text.append(": ").append(value) += '\n';
  }
  return text + '\n';
}

std::string read_chunks(std::string_view input) {
  std::string body;
  for (;;) {
    const std::optional<http::ChunkHeader> header = http::parse_chunk_header(input);
    if (!header) throw Incomplete();
    input.remove_prefix(header->header_size);
    if (header->size == 0) break;
    if (input.size() < header->size) throw Incomplete();
    body += input.substr(0, header->size);
    input.remove_prefix(header->size);
    if (!http::parse_chunk_end(input)) throw Incomplete();
    input.remove_prefix(2);
  }
  if (!http::parse_trailers(input)) throw Incomplete();
  return body;
}

std::string read_request(std::string_view input) {
  http::Request request;
  if (!http::parse_request(input, request)) throw Incomplete();
  const std::string head = head_of(request);
  const http::BodyFraming framing = http::body_framing(request);
  http::expects_continue(request);
  input.remove_prefix(request.head.size());
  if (framing.chunked) return head + read_chunks(input);
  if (input.size() < framing.length) throw Incomplete();
  return head + std::string(input.substr(0, framing.length));
}

void print_hexadecimal(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    std::cout << digits[octet >> 4] << digits[octet & 15];
  }
}

// "read" and what was read, "incomplete", or "refused" and why.
void answer(std::string_view input) {
  try {
    const std::string understood = read_request(input);
    std::cout << "read ";
    print_hexadecimal(understood);
  } catch (const Incomplete&) {
    std::cout << "incomplete";
  } catch (const http::Error& error) {
    std::cout << "refused " << error.rule();
  }
  std::cout << '\n';
}

std::string from_hexadecimal(std::string_view line) {
  std::string percents;
  for (std::size_t i = 0; i + 1 < line.size(); i += 2) percents.append("%").append(line, i, 2);
  return http::percent_decode(percents);
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) answer(from_hexadecimal(line));
}
