#include "body_reader.hpp"

#include <algorithm>
#include <asio/error.hpp>
#include <optional>
#include <utility>

#include "http/body.hpp"
#include "http/error.hpp"
#include "http/response.hpp"

namespace http {
namespace {

// A chunk of one octet has five of framing. Much more than that carries nothing and costs us time.
constexpr std::uint64_t overhead_allowed = 64 * 1024;
constexpr std::uint64_t overhead_ratio = 16;

}  // namespace

BodyReader::BodyReader(Connection& connection, const Request& request, const Options& options)
    : connection_(connection), options_(options) {
  const BodyFraming framing = body_framing(request);
  chunked_ = framing.chunked;
  remaining_ = framing.length;
  continue_expected_ = expects_continue(request);
  check_size(framing.length);
}

awaitable<std::string_view> BodyReader::next() {
  std::optional<std::string_view> piece = poll();
  while (!piece) {
    co_await receive_more();
    piece = poll();
  }
  co_return *piece;
}

std::optional<std::string_view> BodyReader::poll() {
  connection_.consume(std::exchange(given_out_, 0));
  const bool found = reach_data();
  if (!found) return std::nullopt;
  const std::string_view data = take_data();
  given_out_ = data.size();
  return data;
}

bool BodyReader::skip_received() {
  connection_.consume(std::exchange(given_out_, 0));
  try {
    while (!done() && reach_data()) connection_.consume(take_data().size());
  } catch (const Error&) {
    return false;  // the request has its answer: all that is left to say is that nothing follows
  }
  return done();
}

// Whether the input now begins with data of the body, or the body has ended.
bool BodyReader::reach_data() {
  if (remaining_ == 0 && chunked_ && !begin_chunk()) return false;
  return done() || !connection_.input().empty();
}

// chunked-body = *chunk last-chunk trailer-section CRLF             (RFC 9112 section 7.1)
bool BodyReader::begin_chunk() {
  if (chunk_end_due_) {
    if (!parse_chunk_end(connection_.input())) return false;
    connection_.consume(2);
    chunk_end_due_ = false;
  }
  const std::optional<ChunkHeader> header = parse_chunk_header(connection_.input());
  if (!header) return false;
  if (header->size == 0) return end_chunks(header->header_size);
  connection_.consume(header->header_size);
  remaining_ = header->size;
  chunk_end_due_ = true;
  check_size(header->size);
  overhead_ += header->header_size;
  if (overhead_ <= overhead_allowed + overhead_ratio * size_) return true;
  throw Error(400, "chunk headers are not much longer than the data");
}

// last-chunk trailer-section CRLF: what the trailers say means nothing to us
bool BodyReader::end_chunks(std::size_t header_size) {
  const std::optional<std::size_t> trailers =
      parse_trailers(connection_.input().substr(header_size));
  if (!trailers) return false;
  connection_.consume(header_size + *trailers);
  chunked_ = false;
  return true;
}

std::string_view BodyReader::take_data() {
  const std::string_view data = connection_.input().substr(0, remaining_);
  remaining_ -= data.size();
  continue_expected_ = false;  // the client has not waited for it
  return data;
}

void BodyReader::check_size(std::uint64_t size) {
  const std::uint64_t limit = options_.limit_request_body;
  if (limit != 0 && size > limit - size_) throw Error(413, "the body is larger than allowed here");
  size_ += size;
}

awaitable<void> BodyReader::receive_more() {
  if (std::exchange(continue_expected_, false) && connection_.input().empty()) {
    append_status_line(connection_.output(), 100);
    end_head(connection_.output());
  }
  connection_.expect_within(options_.timeout_request_body);
  const bool more = co_await connection_.fill();
  if (more) co_return;
  if (connection_.timed_out()) throw Error(408, "the body did not come in time");
  throw Disconnected(asio::error::make_error_code(asio::error::eof));
}

}  // namespace http
