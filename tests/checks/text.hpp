#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// ASCII letters in lower case, the rest as it is.
std::string lower(std::string_view text);

/// 16384 as "16,384".
std::string grouped(std::size_t number);

/// "1 byte", "16,384 bytes": `name` gets its "s".
std::string counted(std::size_t number, const std::string& name);

/// `bytes` as in a string literal, without the quotes: \r, \n, \x00 and so on.
std::string escape(std::string_view bytes);

/// `text` broken between words into lines of at most `width` columns.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// Bytes shown as string literals in lines; long lines are folded in their middle.
struct Excerpt {
  std::vector<std::string> lines;
  std::size_t mark_line = 0;  ///< the line of the marked byte,
  std::size_t mark_column = 0;  ///< and its column there
};

/// Shows `bytes` in lines of at most `width` columns, so that the byte at `mark` can be seen.
Excerpt excerpt(std::string_view bytes, std::optional<std::size_t> mark, std::size_t width);

/// A shell command, or several in sequence, that write exactly `bytes`.
std::string printf_command(std::string_view bytes);
