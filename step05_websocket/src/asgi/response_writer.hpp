#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "asgi/asgi.hpp"
#include "http/request.hpp"

/// The response that an application sends, written event by event.
namespace asgi {

/// Throws EventError unless `name` and `value` can stand in a field line: neither of them can end
/// it.
void check_header(std::string_view name, std::string_view value);

/// Writes one response, event by event, and holds the application to their order. It decides how
/// the end of the body is told. Nothing here waits; what is written is appended to an output. An
/// event that throws EventError has changed nothing.
class ResponseWriter {
 public:
  /// `out` outlives this. Of `request` nothing is kept but what says how to answer it.
  ResponseWriter(std::string& out, const http::Request& request);

  /// Before the head: a 103 response (RFC 8297), for a client of HTTP/1.1.
  void early_hint(const HttpResponseEarlyHint& event);

  /// Holds the head until the first piece of the body: an application that fails in between can
  /// still be answered for with a 500, and a body that is complete then has a known size.
  void start(HttpResponseStart event);

  /// Throws EventError unless a piece of the body of `size` octets may come now. To be asked before
  /// body().
  void check_body(std::size_t size, bool more_body);

  /// A piece of the body. `keep_alive`, asked of the first piece only: whether the connection can
  /// take another request after this response.
  void body(std::string_view piece, bool more_body, bool keep_alive);

  /// The fields after the body.
  void trailers(const HttpResponseTrailers& event);

  /// Whether the next piece of the body is the first.
  bool head_held() const { return stage_ == Stage::head_held; }
  /// Whether the body is sent at all: not to HEAD, and not with each status. Known once begun().
  bool has_content() const { return !is_head_ && framing_ != Framing::none; }
  /// Whether trailers are to follow the body.
  bool trailers_due() const { return start_.trailers; }
  /// Whether the head has been written.
  bool begun() const { return stage_ >= Stage::body; }
  /// The status that the client gets; 0: none yet.
  int status() const { return begun() ? start_.status : 0; }
  /// Whether all has been written.
  bool complete() const { return stage_ == Stage::complete; }
  /// Whether only the end of the connection tells where the body ends.
  bool ends_with_connection() const { return has_content() && framing_ == Framing::close; }
  /// Whether the client has been told that the connection goes on. Known once begun().
  bool keep_alive() const { return keep_alive_; }

 private:
  enum class Stage { before_start, head_held, body, trailers, complete };
  enum class Framing { none, length, chunked, close };

  void choose_framing(std::size_t size, bool more_body);
  void write_head(bool keep_alive);
  void check_size(std::size_t size, bool more_body) const;
  void write_piece(std::string_view piece, bool more_body);

  std::string& out_;
  bool is_head_;  // the request's method is HEAD
  bool wants_trailers_;  // the client takes trailers
  int minor_version_;
  Stage stage_ = Stage::before_start;
  Framing framing_ = Framing::none;
  bool keep_alive_ = false;
  std::uint64_t remaining_ = 0;  // octets still to come, with Framing::length
  bool length_given_ = false;
  HttpResponseStart start_{200};
};

}  // namespace asgi
