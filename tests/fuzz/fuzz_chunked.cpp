// Any bytes as a chunked body: the grammar of chunks, in the loop that a reader of bodies has.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "http/body.hpp"
#include "http/error.hpp"

namespace {

// chunked-body = *chunk last-chunk trailer-section CRLF             (RFC 9112 section 7.1)
class Decoder {
 public:
  // Goes as far as it can in `input`, the body from its first octet on. Whether it has ended.
  bool decode(std::string_view input) {
    try {
      while (!ended_ && step(input.substr(size_))) continue;
    } catch (const http::Error& error) {
      status_ = error.status();
      rule_ = error.rule();
      ended_ = true;
    }
    require(size_ <= input.size(), "no more is read than there is");
    return ended_;
  }

  bool complete() const { return ended_ && status_ == 0; }
  const std::string& content() const { return content_; }

  bool operator==(const Decoder&) const = default;

 private:
  bool step(std::string_view input) {
    if (remaining_ > 0) return copy_data(input);
    if (chunk_end_due_) return skip_chunk_end(input);
    return last_ ? skip_trailers(input) : read_header(input);
  }

  bool copy_data(std::string_view input) {
    const std::string_view data = input.substr(0, remaining_);
    content_ += data;
    size_ += data.size();
    remaining_ -= data.size();
    return remaining_ == 0;
  }

  bool skip_chunk_end(std::string_view input) {
    if (!http::parse_chunk_end(input)) return false;
    size_ += 2;
    chunk_end_due_ = false;
    return true;
  }

  bool read_header(std::string_view input) {
    const std::optional<http::ChunkHeader> header = http::parse_chunk_header(input);
    if (!header) return false;
    require(header->header_size >= 3, "a chunk header has a digit and CRLF");
    require(header->header_size <= http::max_chunk_line, "a chunk header keeps its limit");
    size_ += header->header_size;
    remaining_ = header->size;
    last_ = header->size == 0;
    chunk_end_due_ = !last_;
    return true;
  }

  bool skip_trailers(std::string_view input) {
    const std::optional<std::size_t> trailers = http::parse_trailers(input);
    if (!trailers) return false;
    require(*trailers >= 2 && *trailers <= http::max_head, "trailers keep their limit");
    size_ += *trailers;
    ended_ = true;
    return true;
  }

  std::string content_;
  std::size_t size_ = 0;  // octets read
  std::uint64_t remaining_ = 0;
  bool chunk_end_due_ = false;
  bool last_ = false;
  bool ended_ = false;
  int status_ = 0;
  std::string rule_;
};

// The copy ends where the input ends, so that a sanitizer sees it read on.
bool decode_copy(Decoder& decoder, std::string_view input) {
  const std::vector<char> copy(input.begin(), input.end());
  return decoder.decode(std::string_view(copy.data(), copy.size()));
}

Decoder decoded_in_segments(std::string_view input) {
  Decoder decoder;
  Segments segments(input);
  std::size_t size = 0;
  while (size < input.size() && !decode_copy(decoder, input.substr(0, size))) {
    size = std::min(size + segments.next(), input.size());
  }
  decode_copy(decoder, input.substr(0, size));
  return decoder;
}

void check_content_again(const Decoder& decoder) {
  std::string body;
  for (const char c : decoder.content()) body.append("1;a=\"b\"\r\n").append(1, c).append("\r\n");
  Decoder again;
  require(again.decode(body + "0\r\n\r\n") && again.complete(), "the content can be sent again");
  require(again.content() == decoder.content(), "the content is the same again");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Decoder whole;
  decode_copy(whole, input);
  require(decoded_in_segments(input) == whole, "the result is the same whatever the segments");
  if (whole.complete()) check_content_again(whole);
  return 0;
}
