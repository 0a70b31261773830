#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/request.hpp"

namespace http {

inline constexpr std::size_t max_chunk_line = 8 * 1024;  ///< octets of chunk-size and extensions

/// Where the body of a request ends (RFC 9112 section 6.3).
struct BodyFraming {
  bool chunked = false;  ///< at the last chunk
  std::uint64_t length = 0;  ///< otherwise: after that many octets
};

/// How the body of `request` is framed. Throws Error 400 where two readers could disagree about
/// it, and 501 for a transfer coding that is not known here.
BodyFraming body_framing(const Request& request);

/// Whether the client means to use the connection again (RFC 9112 section 9.3).
bool keep_alive(const Request& request);

/// Whether the client waits for a 100 (Continue) before it sends the body. Throws Error 417 when
/// it expects anything else (RFC 9110 section 10.1.1).
bool expects_continue(const Request& request);

/// What stands before the data of a chunk.
struct ChunkHeader {
  std::uint64_t size;  ///< octets of chunk data; 0: this is the last chunk
  std::size_t header_size;  ///< octets of the header itself, with its CRLF
};

/// Reads chunk-size and extensions. Nothing: not complete yet. Throws Error 400.
std::optional<ChunkHeader> parse_chunk_header(std::string_view input);

/// Whether the CRLF that follows chunk data is there; it has 2 octets. Throws Error 400.
bool parse_chunk_end(std::string_view input);

/// Reads trailer fields, which mean nothing here, and the empty line that ends the body: the size
/// of both in octets. Nothing: not complete yet. Throws Error 400 or 431.
std::optional<std::size_t> parse_trailers(std::string_view input);

}  // namespace http
