#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "connection.hpp"
#include "http/request.hpp"
#include "options.hpp"

namespace http {

/// The body of one request, read from the connection as it is asked for. It must be read to its
/// end, or the connection ended, before the next request can be read.
class BodyReader {
 public:
  /// `connection` stands at the first octet of the body of `request`; it and `options` outlive
  /// this. Throws Error when the framing, the expectation or the size is refused.
  BodyReader(Connection& connection, const Request& request, const Options& options);

  /// The next piece of the content, not empty; after its end an empty one. Valid until the next
  /// call. Throws Error (400, 408, 413 or 431), or Disconnected when the client has gone.
  awaitable<std::string_view> next();

  /// The two halves of next(). What has come of the content, or nothing; and the wait for more, in
  /// which a client that waits for a 100 (Continue) gets it.
  std::optional<std::string_view> poll();
  awaitable<void> receive_more();

  /// From now on a client that waits for a 100 (Continue) gets none.
  void cancel_continue() { continue_expected_ = false; }

  /// Whether the body has been read to its end.
  bool done() const { return remaining_ == 0 && !chunked_; }

  /// Drops what has already come of the body, without waiting for more. Whether that was all of
  /// it, so that the next request can be read.
  bool skip_received();

 private:
  bool reach_data();
  bool begin_chunk();
  bool end_chunks(std::size_t header_size);
  std::string_view take_data();
  void check_size(std::uint64_t size);

  Connection& connection_;
  const Options& options_;
  bool chunked_;  // a chunk or the trailers are still to come
  bool continue_expected_;  // the client waits for a 100 (Continue)
  bool chunk_end_due_ = false;  // the data of a chunk is to be followed by CRLF
  std::uint64_t remaining_ = 0;  // octets of the body, or of this chunk, not given out yet
  std::uint64_t size_ = 0;  // octets of content announced so far
  std::uint64_t overhead_ = 0;  // octets of chunk headers so far
  std::size_t given_out_ = 0;  // octets at the front of the input that the caller looks at
};

}  // namespace http
