#pragma once

#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

/// A request that is refused: with which status, and for which rule.
namespace http {

/// Names and values, which are not copied: they are to outlive all that holds them.
using ConstantFields = std::span<const std::pair<std::string_view, std::string_view>>;

/// A request that is refused: thrown by the grammar, answered by the session.
class Error : public std::runtime_error {
 public:
  /// `status` is the answer's (RFC 9110 section 15); `rule` is the rule that the request broke, in
  /// one line, with nothing in it that came from the client. `fields` are those that the answer has
  /// besides the usual ones.
  Error(int status, const char* rule, ConstantFields fields = {})
      : std::runtime_error(rule), status_(status), fields_(fields) {}

  int status() const { return status_; }
  const char* rule() const { return what(); }
  ConstantFields fields() const { return fields_; }

 private:
  int status_;
  ConstantFields fields_;
};

}  // namespace http
