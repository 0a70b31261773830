#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// One answer, as a strict client reads it (RFC 9112 sections 4 to 7).
struct Answer {
  int minor_version = 1;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;  ///< names in lower case
  std::string body;
  bool ends_with_connection = false;  ///< nothing but the end of the connection ends the body
  std::size_t begin = 0;  ///< where it starts in all that was received
  std::size_t body_begin = 0;
  std::size_t end = 0;

  /// The value of the first field of that name (given in lower case).
  std::optional<std::string> find(std::string_view name) const;

  /// Whether `token` is in the comma-separated lists of the fields of that name, in any case.
  bool has_token(std::string_view name, std::string_view token) const;

  /// Whether the server says, or the version means, that no further answer will follow.
  bool announces_close() const;
};

/// What is wrong with an answer, and at which byte of what was received.
struct Malformed {
  std::size_t at;
  std::string expected;
};

/// An answer, or what of it is still missing, in words.
struct Progress {
  std::optional<Answer> answer;
  std::string missing;
  std::size_t at_least = 1;  ///< so many bytes are missing before reading again makes sense
};

/// Reads the answer that starts at `begin` in `received`, to a request of that method. `ended`:
/// no more will come. Throws Malformed.
Progress parse_answer(std::string_view received, std::size_t begin, std::string_view method,
                      bool ended);
