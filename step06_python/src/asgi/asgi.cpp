#include "asgi/asgi.hpp"

namespace asgi {

std::optional<std::string_view> ConnectionScope::header(std::string_view name) const {
  for (const auto& [header_name, value] : headers) {
    if (header_name == name) return value;
  }
  return std::nullopt;
}

HttpResponseStart&& HttpResponseStart::header(std::string name, std::string value) && {
  if (headers.empty()) headers.reserve(4);  // of one allocation, as most heads have so few
  headers.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

HttpResponseStart&& HttpResponseStart::with_trailers() && {
  trailers = true;
  return std::move(*this);
}

}  // namespace asgi
