#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/grammar.hpp"

/// The head of a request, and the grammar that reads it (RFC 9112 sections 2 to 5).
namespace http {

inline constexpr std::size_t max_request_line = 16 * 1024;  ///< octets; longer: 414
inline constexpr std::size_t max_head = 32 * 1024;  ///< octets; longer: 431
inline constexpr std::size_t max_fields = 100;  ///< field lines; more: 431

/// One field line (RFC 9110 section 5): the name as it was sent, the value without OWS around it.
struct Field {
  std::string_view name;
  std::string_view value;
};

/// The head of one request, valid as it stands. Except for `method`, all text is a view of the
/// input that it was read from, and lives no longer.
struct Request {
  std::string_view head;  ///< all of it, with the empty line that ends it
  std::string method;  ///< case-sensitive; a copy: the answer depends on it when the input is gone
  std::string_view target;  ///< as sent (RFC 9112 section 3.2); empty until its line is complete
  std::string_view authority;  ///< of a target in absolute-form; else empty
  std::string_view path;  ///< of the target, not decoded; "*" for the asterisk-form
  std::string_view query;  ///< what follows the target's "?", not decoded
  int minor_version = 1;  ///< of HTTP/1: 0 or 1; any later one counts as 1
  std::vector<Field> fields;  ///< in the order received

  /// The value of the first field of that name, in any case.
  std::optional<std::string_view> find(std::string_view name) const;

  /// Whether a list field of that name, which may be sent in several lines, has `token` in it.
  bool has_token(std::string_view name, std::string_view token) const;
};

/// Reads one head from the front of `input` into `request`, whose memory is used again.
/// False: it is not complete yet. Throws Error 400, 414, 431, 501 or 505 as soon as the input
/// cannot become a request that is served, whatever the segments it comes in.
bool parse_request(std::string_view input, Request& request);

/// Whether a request has begun in `input`: the empty lines that may stand before it do not count.
bool has_begun(std::string_view input);

/// Reads field lines up to the empty line that ends them: those of a head, or the trailers of a
/// chunked body. False: they are not complete yet. Throws Error 400 or 431.
bool parse_fields(Scanner& in, std::vector<Field>& fields);

}  // namespace http
