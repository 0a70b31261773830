#include "deflate.hpp"

#include <zlib.h>

#include <array>
#include <charconv>

namespace {

// What a sender leaves away at the end of a message (RFC 7692 section 7.2.1).
constexpr std::string_view tail("\x00\x00\xff\xff", 4);

// The number behind `name` in the parameters; 15 where there is none.
int window_bits(std::string_view parameters, std::string_view name) {
  int bits = 15;
  const auto found = parameters.find(name);
  if (found == parameters.npos) return bits;
  const auto digit = parameters.find_first_of("0123456789", found + name.size());
  if (digit == parameters.npos) return bits;
  std::from_chars(parameters.data() + digit, parameters.data() + parameters.size(), bits);
  return bits;
}

bool has(std::string_view parameters, std::string_view name) {
  return parameters.find(name) != parameters.npos;
}

// Gives `input` to the stream and returns all that comes out; nothing: it is an error.
template <class Work>
std::optional<std::string> run(z_stream_s& stream, std::string_view input, Work work) {
  std::string output;
  std::array<char, 16384> buffer;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());
  do {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    const int result = work(&stream, Z_SYNC_FLUSH);
    if (result != Z_OK && result != Z_BUF_ERROR) return std::nullopt;
    output.append(buffer.data(), buffer.size() - stream.avail_out);
  } while (stream.avail_out == 0);
  return output;
}

}  // namespace

Compression::Compression(std::string_view agreed)
    : deflater_(new z_stream_s{},
                [](z_stream_s* stream) {
                  deflateEnd(stream);
                  delete stream;
                }),
      inflater_(new z_stream_s{},
                [](z_stream_s* stream) {
                  inflateEnd(stream);
                  delete stream;
                }),
      deflater_forgets_(has(agreed, "client_no_context_takeover")),
      inflater_forgets_(has(agreed, "server_no_context_takeover")) {
  deflateInit2(deflater_.get(), 6, Z_DEFLATED, -window_bits(agreed, "client_max_window_bits"), 8,
               Z_DEFAULT_STRATEGY);
  inflateInit2(inflater_.get(), -window_bits(agreed, "server_max_window_bits"));
}

std::string Compression::compress(std::string_view message) {
  if (message.empty()) return std::string(1, '\0');  // RFC 7692 section 7.2.3.6
  std::string payload = run(*deflater_, message, deflate).value_or("");
  payload.resize(payload.size() - tail.size());
  if (deflater_forgets_) deflateReset(deflater_.get());
  return payload;
}

std::optional<std::string> Compression::decompress(std::string_view payload) {
  auto message = run(*inflater_, std::string(payload).append(tail), inflate);
  if (inflater_forgets_) inflateReset(inflater_.get());
  return message;
}

std::string compressed(std::string_view message) { return Compression().compress(message); }
