#include "text.hpp"

#include <algorithm>
#include <array>

namespace {

constexpr std::size_t max_lines = 10;  // of an excerpt; more are folded

std::string escape_byte(char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  const auto octet = static_cast<unsigned char>(c);
  switch (c) {
    case '\r': return "\\r";
    case '\n': return "\\n";
    case '\t': return "\\t";
    case '"': return "\\\"";
    case '\\': return "\\\\";
    default: break;
  }
  if (octet >= 0x20 && octet < 0x7f) return std::string(1, c);
  return {'\\', 'x', hex[octet >> 4], hex[octet & 15]};
}

// A range of the bytes of a line, shown or left out.
struct Part {
  std::size_t begin;
  std::size_t end;
  bool shown;
};

// The longest prefix, or suffix, of `bytes` whose escaped form has at most `columns`.
std::size_t fitting(std::string_view bytes, std::size_t columns, bool from_end) {
  std::size_t count = 0;
  for (std::size_t used = 0; count < bytes.size(); ++count) {
    used += escape_byte(from_end ? bytes[bytes.size() - 1 - count] : bytes[count]).size();
    if (used > columns) break;
  }
  return count;
}

// Which parts of one line are shown: its beginning, its end, and what surrounds the marked byte.
std::vector<Part> fold(std::string_view line, std::optional<std::size_t> mark, std::size_t width) {
  const std::size_t columns = width - 2;
  if (escape(line).size() <= columns) return {{0, line.size(), true}};
  constexpr std::size_t gap = 20;  // columns for " [16,384 bytes] "
  const std::size_t share = mark ? (columns - 2 * gap) / 4 : (columns - gap) / 2;
  const std::size_t first = fitting(line, share, false);
  const std::size_t last = line.size() - fitting(line, share, true);
  if (!mark || *mark < first || *mark >= last) {
    return {{0, first, true}, {first, last, false}, {last, line.size(), true}};
  }
  const std::size_t from = std::max(first, *mark - fitting(line.substr(0, *mark), share, true));
  const std::size_t to = std::min(last, *mark + fitting(line.substr(*mark), share, false));
  return {{0, first, true},
          {first, from, from == first},
          {from, to, true},
          {to, last, to == last},
          {last, line.size(), true}};
}

// Appends one line, which starts at `offset` of the whole, to the excerpt.
void append_line(Excerpt& excerpt, std::string_view line, std::size_t offset,
                 std::optional<std::size_t> mark, std::size_t width) {
  std::optional<std::size_t> here;
  if (mark && *mark >= offset && *mark <= offset + line.size()) here = *mark - offset;
  std::string text = "\"";
  for (const Part& part : fold(line, here, width)) {
    if (part.begin == part.end) continue;
    if (here && *here >= part.begin && *here <= part.end) {
      excerpt.mark_line = excerpt.lines.size();
      const std::size_t inside = part.shown ? *here : part.begin;
      excerpt.mark_column =
          text.size() + escape(line.substr(part.begin, inside - part.begin)).size();
    }
    if (part.shown) {
      text += escape(line.substr(part.begin, part.end - part.begin));
    } else {
      text += " [" + counted(part.end - part.begin, "byte") + "] ";
    }
  }
  excerpt.lines.push_back(text + '"');
}

std::vector<std::string_view> split_lines(std::string_view bytes, std::size_t width) {
  if (escape(bytes.substr(0, width)).size() + 2 <= width && bytes.size() <= width) return {bytes};
  std::vector<std::string_view> lines;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
    lines.push_back(bytes.substr(0, end));
    bytes.remove_prefix(end);
  }
  return lines;
}

// A byte as it stands in the format of printf in single quotes.
std::string quote_byte(char c) {
  const auto octet = static_cast<unsigned char>(c);
  switch (c) {
    case '\r': return "\\r";
    case '\n': return "\\n";
    case '\t': return "\\t";
    case '\\': return "\\\\";
    case '%': return "%%";
    case '\'': return "'\\''";
    default: break;
  }
  if (octet >= 0x20 && octet < 0x7f) return std::string(1, c);
  const auto digit = [&](int shift) { return static_cast<char>('0' + ((octet >> shift) & 7)); };
  return {'\\', digit(6), digit(3), digit(0)};
}

std::string quote(std::string_view bytes) {
  std::string quoted;
  for (char c : bytes) quoted += quote_byte(c);
  return quoted;
}

// How often the first `period` bytes stand at the front, one after the other.
std::size_t repeats(std::string_view bytes, std::size_t period) {
  std::size_t size = period;
  while (size < bytes.size() && bytes[size] == bytes[size - period]) ++size;
  return size / period;
}

// The shortest unit that fills at least 200 bytes at the front of `bytes`; 0: none does.
std::size_t repeated_unit(std::string_view bytes) {
  for (std::size_t period = 1; period <= 40 && period < bytes.size(); ++period) {
    if (repeats(bytes, period) * period >= 200) return period;
  }
  return 0;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string grouped(std::size_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string counted(std::size_t number, const std::string& name) {
  return grouped(number) + ' ' + name + (number == 1 ? "" : "s");
}

std::string escape(std::string_view bytes) {
  std::string escaped;
  for (char c : bytes) escaped += escape_byte(c);
  return escaped;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (text.size() > width) {
    const std::size_t space = text.rfind(' ', width);
    const std::size_t end = space == text.npos || space == 0 ? width : space;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == space ? end + 1 : end);
  }
  lines.emplace_back(text);
  return lines;
}

Excerpt excerpt(std::string_view bytes, std::optional<std::size_t> mark, std::size_t width) {
  const auto lines = split_lines(bytes, width);
  Excerpt result;
  std::size_t offset = 0;
  std::size_t hidden = 0;
  for (std::size_t i = 0; i < lines.size(); offset += lines[i].size(), ++i) {
    const bool marked = mark && *mark >= offset && *mark <= offset + lines[i].size();
    const bool edge = i < max_lines / 2 || i + max_lines / 2 >= lines.size();
    if (!edge && !marked) {
      hidden += lines[i].size();
      continue;
    }
    if (hidden > 0) result.lines.push_back("[" + counted(hidden, "byte") + "]");
    hidden = 0;
    append_line(result, lines[i], offset, mark, width);
  }
  if (lines.empty()) result.lines.push_back("\"\"");
  return result;
}

std::string printf_command(std::string_view bytes) {
  std::string command;
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) command += (command.empty() ? "" : "; ") + ("printf '" + plain + "'");
    plain.clear();
  };
  while (!bytes.empty()) {
    const std::size_t unit = repeated_unit(bytes);
    if (unit == 0) {
      plain += quote_byte(bytes.front());
      bytes.remove_prefix(1);
      continue;
    }
    flush();
    const std::size_t count = repeats(bytes, unit);
    command += (command.empty() ? "" : "; ");
    command +=
        "printf '" + quote(bytes.substr(0, unit)) + "%.0s' $(seq " + std::to_string(count) + ")";
    bytes.remove_prefix(unit * count);
  }
  flush();
  return command;
}
