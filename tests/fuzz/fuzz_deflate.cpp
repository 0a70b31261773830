// Any bytes as an offer of permessage-deflate, as a compressed message, and as one to compress.
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "fuzz.hpp"
#include "websocket/deflate.hpp"
#include "websocket/error.hpp"

namespace {

constexpr std::size_t max_size = 1 << 16;

struct Inflated {
  std::string message;
  int close_code = 0;
  bool operator==(const Inflated&) const = default;
};

// `message` twice, so that the second one finds what the first one has left.
Inflated inflate_twice(const websocket::DeflateParameters& parameters, std::string_view payload,
                       bool in_segments) {
  websocket::Inflater inflater(parameters);
  Inflated result;
  try {
    for (int i = 0; i < 2; ++i) {
      Segments segments(payload);
      result.message.clear();
      for (std::string_view rest = payload; !rest.empty();) {
        const std::size_t size = in_segments ? std::min(segments.next(), rest.size()) : rest.size();
        inflater.decompress(rest.substr(0, size), result.message, max_size);
        rest.remove_prefix(size);
      }
      inflater.finish(result.message, max_size);
    }
  } catch (const websocket::Error& error) {
    result = {"", error.close_code()};
  }
  require(result.message.size() <= max_size, "a message keeps its limit");
  return result;
}

void check_inflation(const websocket::DeflateParameters& parameters, std::string_view payload) {
  const Inflated whole = inflate_twice(parameters, payload, false);
  const Inflated pieces = inflate_twice(parameters, payload, true);
  const bool too_large = whole.close_code == 1009 || pieces.close_code == 1009;
  require(whole == pieces || too_large, "the result is the same whatever the segments");
}

void check_round_trip(const websocket::DeflateParameters& parameters, std::string_view message) {
  websocket::Deflater deflater(parameters);
  websocket::DeflateParameters mirrored = parameters;
  mirrored.client_max_window_bits = parameters.server_max_window_bits;
  mirrored.client_no_context_takeover = parameters.server_no_context_takeover;
  websocket::Inflater inflater(mirrored);
  for (int i = 0; i < 2; ++i) {
    std::string again;
    inflater.decompress(deflater.compress(message), again, message.size());
    inflater.finish(again, message.size());
    require(again == message, "what was compressed is the same again");
  }
}

}  // namespace

// The first line is an offer, the rest a payload.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(input.find('\n'), input.size());
  const auto agreed = websocket::negotiate_deflate(input.substr(0, end));
  if (agreed) {
    const auto again = websocket::negotiate_deflate(websocket::to_extension(*agreed));
    require(again && websocket::to_extension(*again) == websocket::to_extension(*agreed),
            "an answer is an offer that gets the same answer");
  }
  const websocket::DeflateParameters parameters = agreed.value_or(websocket::DeflateParameters());
  const std::string_view payload = input.substr(std::min(end + 1, input.size()));
  check_inflation(parameters, payload);
  check_round_trip(parameters, payload);
  return 0;
}
