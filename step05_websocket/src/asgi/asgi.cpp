#include "asgi/asgi.hpp"

namespace asgi {

std::optional<std::string_view> ConnectionScope::header(std::string_view name) const {
  for (const auto& [header_name, value] : headers) {
    if (header_name == name) return value;
  }
  return std::nullopt;
}

HttpResponseStart&& HttpResponseStart::header(std::string name, std::string value) && {
  headers.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

HttpResponseStart&& HttpResponseStart::with_trailers() && {
  trailers = true;
  return std::move(*this);
}

}  // namespace asgi
