// Any bytes as the frames of a client: headers, payloads, and what a Close says.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz.hpp"
#include "websocket/error.hpp"
#include "websocket/frame.hpp"

namespace {

// What a reader of frames has understood so far.
class Reader {
 public:
  // Goes as far as it can in `input`, the bytes from the first one on. Whether it has ended.
  bool read(std::string_view input) {
    try {
      while (!ended_ && step(input.substr(size_))) continue;
    } catch (const websocket::Error& error) {
      close_code_ = error.close_code();
      ended_ = true;
    }
    require(size_ <= input.size(), "no more is read than there is");
    return ended_;
  }

  bool operator==(const Reader&) const = default;

 private:
  bool step(std::string_view input) {
    if (in_payload_) return read_payload(input);
    const std::optional<websocket::FrameHeader> header = websocket::parse_frame_header(input);
    if (!header) return false;
    require(header->header_size >= 6 && header->header_size <= 14, "a header has 6 to 14 octets");
    require(!websocket::is_control(header->opcode) ||
                (header->fin && !header->rsv1 && header->length <= websocket::max_control_payload),
            "control frames are short, whole and not compressed");
    size_ += header->header_size;
    length_ = header->length;
    opcode_ = header->opcode;
    key_ = header->key;
    offset_ = 0;
    in_payload_ = true;
    return true;
  }

  bool read_payload(std::string_view input) {
    const std::string_view piece = input.substr(0, length_ - offset_);
    websocket::append_unmasked(payload_, piece, key_, offset_);
    offset_ += piece.size();
    size_ += piece.size();
    if (offset_ < length_) return false;
    if (opcode_ == websocket::Opcode::close) check_close();
    in_payload_ = false;
    return true;
  }

  void check_close() {
    const websocket::CloseReason reason =
        websocket::parse_close(std::string_view(payload_).substr(payload_.size() - length_));
    require(reason.code == 1005 || websocket::is_valid_close_code(reason.code),
            "a Close has a code that it may have");
    std::string answer;
    websocket::append_close(answer, reason);
    require(answer.size() == 2 + length_, "a Close can be answered with the same");
    ended_ = true;
  }

  std::string payload_;  // of all frames
  std::size_t size_ = 0;  // octets read
  std::uint64_t length_ = 0;
  std::uint64_t offset_ = 0;
  websocket::Opcode opcode_ = websocket::Opcode::text;
  websocket::MaskingKey key_ = {};
  bool in_payload_ = false;
  bool ended_ = false;
  int close_code_ = 0;
};

// The copy ends where the input ends, so that a sanitizer sees it read on.
bool read_copy(Reader& reader, std::string_view input) {
  const std::vector<char> copy(input.begin(), input.end());
  return reader.read(std::string_view(copy.data(), copy.size()));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Reader whole;
  read_copy(whole, input);
  Reader pieces;
  Segments segments(input);
  std::size_t read = 0;
  while (read < input.size() && !read_copy(pieces, input.substr(0, read))) {
    read = std::min(read + segments.next(), input.size());
  }
  read_copy(pieces, input.substr(0, read));
  require(pieces == whole, "the result is the same whatever the segments");
  return 0;
}
