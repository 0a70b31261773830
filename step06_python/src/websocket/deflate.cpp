#include "websocket/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <new>
#include <set>

#include "http/grammar.hpp"
#include "websocket/error.hpp"

namespace websocket {
namespace {

constexpr std::size_t buffer_size = 16 * 1024;
constexpr std::size_t window_size = 32 * 1024;  // the largest (RFC 7692 section 7.1.2)
constexpr std::size_t max_input = 1 << 30;  // octets at a time: zlib counts them in 32 bits
// What a sender leaves off at the end of a message, and a receiver puts back.
constexpr std::string_view tail("\x00\x00\xff\xff", 4);

// The part of `list` before `separator`, taken from it; separators in quotes do not count.
std::string_view take_part(std::string_view& list, char separator) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < list.size() && (quoted || list[end] != separator); ++end) {
    if (list[end] == '"') quoted = !quoted;
  }
  const std::string_view part = http::trim(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return part;
}

// 1*DIGIT without a leading zero, 8 to 15, perhaps in quotes        (RFC 7692 section 7.1.2)
// 0: it is not valid.
int to_window_bits(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  int bits = 0;
  if (value.empty() || value.size() > 2 || value.front() == '0' || !http::all(value, http::digit)) {
    return 0;
  }
  std::from_chars(value.data(), value.data() + value.size(), bits);
  return bits >= 8 && bits <= 15 ? bits : 0;
}

// One parameter of an offer. False: it cannot be met.
bool apply(std::string_view parameter, DeflateParameters& parameters) {
  const std::size_t equals = parameter.find('=');
  const std::string_view name = http::trim(parameter.substr(0, equals));
  const bool has_value = equals != parameter.npos;
  const int bits = has_value ? to_window_bits(http::trim(parameter.substr(equals + 1))) : 0;
  if (name == "server_no_context_takeover" && !has_value) {
    parameters.server_no_context_takeover = true;
  } else if (name == "client_no_context_takeover" && !has_value) {
    parameters.client_no_context_takeover = true;
  } else if (name == "server_max_window_bits" && bits > 8) {  // zlib compresses from 9 on
    parameters.server_max_window_bits = bits;
  } else if (name == "client_max_window_bits" && (bits != 0 || !has_value)) {
    if (has_value) parameters.client_max_window_bits = bits;
  } else {
    return false;
  }
  return true;
}

// extension = extension-token *( ";" extension-param )              (RFC 6455 section 9.1)
std::optional<DeflateParameters> accept(std::string_view offer) {
  if (offer.ends_with(';')) return std::nullopt;  // a parameter without a name
  if (take_part(offer, ';') != "permessage-deflate") return std::nullopt;
  DeflateParameters parameters;
  std::set<std::string_view> names;
  while (!offer.empty()) {
    const std::string_view parameter = take_part(offer, ';');
    const bool is_new = names.insert(http::trim(parameter.substr(0, parameter.find('=')))).second;
    if (!is_new || !apply(parameter, parameters)) return std::nullopt;
  }
  return parameters;
}

// Negative for zlib: DEFLATE without a header around it.
int raw(int window_bits) { return window_bits == 0 ? -15 : -window_bits; }

void check(int result) {
  if (result == Z_MEM_ERROR) throw std::bad_alloc();
}

}  // namespace

std::optional<DeflateParameters> negotiate_deflate(std::string_view offers) {
  while (!offers.empty()) {
    const std::optional<DeflateParameters> parameters = accept(take_part(offers, ','));
    if (parameters) return parameters;
  }
  return std::nullopt;
}

std::optional<DeflateParameters> negotiate_deflate(const http::Request& request) {
  for (const auto& [name, value] : request.fields) {
    if (!http::iequals(name, "sec-websocket-extensions")) continue;
    const std::optional<DeflateParameters> parameters = negotiate_deflate(value);
    if (parameters) return parameters;
  }
  return std::nullopt;
}

std::string to_extension(const DeflateParameters& parameters) {
  std::string text = "permessage-deflate";
  if (parameters.server_no_context_takeover) text += "; server_no_context_takeover";
  if (parameters.client_no_context_takeover) text += "; client_no_context_takeover";
  if (parameters.server_max_window_bits != 0) {
    text += "; server_max_window_bits=" + std::to_string(parameters.server_max_window_bits);
  }
  if (parameters.client_max_window_bits != 0) {
    text += "; client_max_window_bits=" + std::to_string(parameters.client_max_window_bits);
  }
  return text;
}

Deflater::Deflater(const DeflateParameters& parameters)
    : stream_(new z_stream_s{},
              [](z_stream_s* stream) {
                deflateEnd(stream);
                delete stream;
              }),
      forget_(parameters.server_no_context_takeover) {
  check(deflateInit2(stream_.get(), Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                     raw(parameters.server_max_window_bits), 8, Z_DEFAULT_STRATEGY));
}

std::string Deflater::compress(std::string_view message) {
  if (message.empty()) return std::string(1, '\0');  // RFC 7692 section 7.2.3.6
  std::string compressed;
  while (!message.empty()) {
    const std::string_view piece = message.substr(0, max_input);
    message.remove_prefix(piece.size());
    compress_piece(piece, message.empty(), compressed);
  }
  compressed.resize(compressed.size() - tail.size());
  if (forget_) deflateReset(stream_.get());
  return compressed;
}

void Deflater::compress_piece(std::string_view piece, bool last, std::string& compressed) {
  std::array<char, buffer_size> buffer;
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
  stream_->avail_in = static_cast<uInt>(piece.size());
  do {
    stream_->next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_->avail_out = static_cast<uInt>(buffer.size());
    deflate(stream_.get(), last ? Z_SYNC_FLUSH : Z_NO_FLUSH);
    compressed.append(buffer.data(), buffer.size() - stream_->avail_out);
  } while (stream_->avail_out == 0);
}

Inflater::Inflater(const DeflateParameters& parameters)
    : stream_(new z_stream_s{},
              [](z_stream_s* stream) {
                inflateEnd(stream);
                delete stream;
              }),
      forget_(parameters.client_no_context_takeover) {
  check(inflateInit2(stream_.get(), raw(parameters.client_max_window_bits)));
}

void Inflater::decompress(std::string_view piece, std::string& message, std::size_t max_size) {
  std::array<char, buffer_size> buffer;
  stream_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
  stream_->avail_in = static_cast<uInt>(piece.size());
  do {
    stream_->next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream_->avail_out = static_cast<uInt>(buffer.size());
    const int result = inflate(stream_.get(), Z_SYNC_FLUSH);
    check(result);
    const std::size_t size = buffer.size() - stream_->avail_out;
    if (size > max_size - message.size()) throw Error(1009, "the message is too large");
    message.append(buffer.data(), size);
    if (result == Z_STREAM_END) begin_again();
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      throw Error(1007, "the message is not DEFLATE data");
    }
    if (result == Z_BUF_ERROR) return;
  } while (stream_->avail_in > 0 || stream_->avail_out == 0);
}

// A final block ends the data early, and what follows it is a new beginning (section 7.2.3.4); but
// the window of what has been sent is kept (section 7.2.3.2).
void Inflater::begin_again() {
  std::array<Bytef, window_size> window;
  uInt size = 0;
  check(inflateGetDictionary(stream_.get(), window.data(), &size));
  check(inflateReset(stream_.get()));
  check(inflateSetDictionary(stream_.get(), window.data(), size));
}

void Inflater::finish(std::string& message, std::size_t max_size) {
  decompress(tail, message, max_size);
  if (forget_) inflateReset(stream_.get());
}

}  // namespace websocket
