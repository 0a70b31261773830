#include "answer.hpp"

#include <algorithm>
#include <charconv>

#include "text.hpp"

namespace {

struct Incomplete {
  std::string missing;
  std::size_t at_least = 1;
};

bool is_token_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split_list(std::string_view list) {
  std::vector<std::string_view> items;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    items.push_back(trim(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return items;
}

// Reads one answer from front to back. Throws Malformed, and Incomplete when it needs more.
class Reader {
 public:
  Reader(std::string_view received, std::size_t begin, bool ended)
      : in_(received), at_(begin), ended_(ended) {
    answer_.begin = begin;
  }

  Answer read(std::string_view method) {
    if (at_ == in_.size()) throw Incomplete{"an answer"};
    read_status_line();
    while (!at("\r\n")) read_field();
    expect("\r\n", "the empty line");
    answer_.body_begin = at_;
    read_body(method);
    answer_.end = at_;
    return std::move(answer_);
  }

 private:
  [[noreturn]] void fail(const std::string& expected) const { throw Malformed{at_, expected}; }

  bool at(std::string_view literal) const { return in_.substr(at_, literal.size()) == literal; }

  void expect(std::string_view literal, const std::string& name) {
    for (char c : literal) {
      if (at_ == in_.size()) throw Incomplete{"the rest of the head"};
      if (in_[at_] != c) fail(name);
      ++at_;
    }
  }

  // status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF   (RFC 9112 section 4)
  void read_status_line() {
    constexpr std::string_view start = "HTTP/1.";
    const auto here = in_.substr(at_, start.size());
    if (here != start.substr(0, here.size())) {
      fail(at_ == 0 ? "an answer, which begins with HTTP/1.1," : "the next answer, or nothing,");
    }
    expect(start, "");
    answer_.minor_version = read_digits(1, "0 or 1, of HTTP/1.0 or HTTP/1.1,");
    if (answer_.minor_version > 1) throw Malformed{at_ - 1, "HTTP/1.1"};
    expect(" ", "a space");
    answer_.status = read_digits(3, "a status code of three digits");
    expect(" ", "a space after the status code, even with no reason after it,");
    skip_line("the reason phrase");
  }

  int read_digits(std::size_t count, const std::string& name) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i, ++at_) {
      if (at_ == in_.size()) throw Incomplete{"the rest of the status line"};
      if (!is_digit(in_[at_])) fail(name);
      value = 10 * value + (in_[at_] - '0');
    }
    return value;
  }

  // field-line = field-name ":" OWS field-value OWS   (RFC 9112 section 5)
  void read_field() {
    std::string name;
    for (; at_ < in_.size() && is_token_char(in_[at_]); ++at_) name += in_[at_];
    if (at_ == in_.size()) throw Incomplete{"the rest of the head"};
    if (name.empty()) fail("a field name, or the empty line that ends the head,");
    expect(":", "a colon, right after the field's name,");
    const std::size_t begin = at_;
    skip_line("a field value");
    const auto value = trim(in_.substr(begin, at_ - 2 - begin));
    answer_.fields.emplace_back(lower(name), std::string(value));
  }

  void skip_line(const std::string& what) {
    for (; at_ < in_.size() && in_[at_] != '\r'; ++at_) {
      const auto octet = static_cast<unsigned char>(in_[at_]);
      if (octet == '\n') fail("CR and LF, not LF alone, at the end of the line");
      if ((octet < 0x20 && octet != '\t') || octet == 0x7f) fail(what + " without control bytes");
    }
    expect("\r\n", "CR and LF at the end of the line");
  }

  // RFC 9112 section 6.3
  void read_body(std::string_view method) {
    const int status = answer_.status;
    if (method == "HEAD" || status < 200 || status == 204 || status == 304) return;
    const auto coding = answer_.find("transfer-encoding");
    const auto length = content_length();
    if (coding && length) throw Malformed{answer_.begin, "a length or a coding, not both,"};
    if (coding) return read_chunks(*coding);
    if (length) return read_counted(*length);
    answer_.ends_with_connection = true;
    if (!ended_)
      throw Incomplete{"the end of the connection (no content-length)", in_.max_size() / 2};
    answer_.body = in_.substr(at_);
    at_ = in_.size();
  }

  std::optional<std::size_t> content_length() const {
    std::optional<std::size_t> length;
    for (const auto& [name, value] : answer_.fields) {
      if (name != "content-length") continue;
      std::size_t number = 0;
      const char* end = value.data() + value.size();
      const auto [stop, error] = std::from_chars(value.data(), end, number);
      const bool valid = error == std::errc{} && stop == end && !length;
      if (!valid) throw Malformed{answer_.begin, "one content-length, of digits,"};
      length = number;
    }
    return length;
  }

  void read_counted(std::size_t length) {
    const std::size_t there = std::min(length, in_.size() - at_);
    answer_.body.append(in_.substr(at_, there));
    at_ += there;
    const std::size_t rest = length - there;
    if (rest > 0) throw Incomplete{counted(rest, "more byte") + " of the body", rest};
  }

  // chunked-body   (RFC 9112 section 7.1)
  void read_chunks(const std::string& coding) {
    if (lower(coding) != "chunked") throw Malformed{answer_.begin, "the coding chunked"};
    for (std::size_t size = read_chunk_size(); size > 0; size = read_chunk_size()) {
      read_counted(size);
      expect("\r\n", "CR and LF after the chunk's data");
    }
    while (!at("\r\n")) read_field();
    expect("\r\n", "the empty line after the last chunk");
  }

  std::size_t read_chunk_size() {
    std::size_t size = 0;
    const auto [stop, error] = std::from_chars(in_.data() + at_, in_.data() + in_.size(), size, 16);
    if (at_ == in_.size()) throw Incomplete{"the next chunk"};
    if (error != std::errc{}) fail("a chunk's size in hexadecimal");
    at_ = static_cast<std::size_t>(stop - in_.data());
    skip_line("a chunk extension");
    return size;
  }

  std::string_view in_;
  std::size_t at_;
  bool ended_;
  Answer answer_;
};

}  // namespace

std::optional<std::string> Answer::find(std::string_view name) const {
  for (const auto& [field, value] : fields) {
    if (field == name) return value;
  }
  return std::nullopt;
}

bool Answer::has_token(std::string_view name, std::string_view token) const {
  return std::any_of(fields.begin(), fields.end(), [&](const auto& field) {
    if (field.first != name) return false;
    const auto items = split_list(field.second);
    return std::any_of(items.begin(), items.end(),
                       [&](std::string_view item) { return lower(item) == token; });
  });
}

bool Answer::announces_close() const {
  if (has_token("connection", "close") || ends_with_connection) return true;
  return minor_version == 0 && !has_token("connection", "keep-alive");
}

Progress parse_answer(std::string_view received, std::size_t begin, std::string_view method,
                      bool ended) {
  try {
    return {Reader(received, begin, ended).read(method), ""};
  } catch (const Incomplete& incomplete) {
    return {std::nullopt, incomplete.missing, incomplete.at_least};
  }
}
