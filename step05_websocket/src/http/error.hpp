#pragma once

#include <stdexcept>

namespace http {

/// A request that is refused: thrown by the grammar, answered by the session.
class Error : public std::runtime_error {
 public:
  /// `status` is the answer's (RFC 9110 section 15); `rule` is the rule that the request broke, in
  /// one line, with nothing in it that came from the client.
  Error(int status, const char* rule) : std::runtime_error(rule), status_(status) {}

  int status() const { return status_; }
  const char* rule() const { return what(); }

 private:
  int status_;
};

}  // namespace http
