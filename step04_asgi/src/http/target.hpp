#pragma once

#include <optional>
#include <string>
#include <string_view>

/// What is encoded in a target: octets (RFC 3986 section 2.1), and the parameters of a query.
namespace http {

/// The text that `text` stands for: each "%" HEXDIG HEXDIG is one octet (RFC 3986 section 2.1). A
/// "%" that begins no such triplet is itself.
std::string percent_decode(std::string_view text);

/// The value, not decoded, of the first parameter `name` of a query such as `a=1&b=2`. Nothing:
/// there is none.
std::optional<std::string_view> query_parameter(std::string_view query, std::string_view name);

}  // namespace http
