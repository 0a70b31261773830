#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "asgi/asgi.hpp"
#include "connection.hpp"
#include "http/request.hpp"
#include "options.hpp"

namespace asgi {

/// Makes the scopes of the requests on one connection, one after the other. A scope is one copy of
/// the request's head, with the names of its fields made lower case where they stand, and views of
/// it. The copy belongs to this object, and its memory is used again.
class ScopeFactory {
 public:
  /// `options` and `state` outlive this. Of `connection` the addresses of its two ends are kept.
  ScopeFactory(const Connection& connection, const Options& options, const State& state);

  /// Puts the scope of one request into `made`. It shows what this object has, and is valid until
  /// the next one is made; `request` outlives it, whose input need not.
  void http(const http::Request& request, std::optional<Scope>& made);

  /// The scope of the WebSocket that `request` asks for, valid as long.
  void websocket(const http::Request& request, std::optional<Scope>& made);

  /// Gives back memory that only a large head has needed. Ends the scope.
  void shrink();

  /// Who asks; null when that was gone already.
  const Address* client() const { return client_ ? &*client_ : nullptr; }

 private:
  ConnectionScope show(const http::Request& request, std::string_view scheme);
  std::string_view copied(std::string_view part, const http::Request& request) const;
  void copy_fields(const http::Request& request);
  void make_paths(const http::Request& request);

  const Options& options_;
  const State& state_;
  std::optional<Address> client_;
  std::optional<Address> server_;
  std::string head_;  // a copy, its field names in lower case
  std::vector<HeaderView> headers_;  // views of head_
  std::string_view path_;  // the scope's, and raw_path_ too
  std::string_view raw_path_;
  std::string made_path_;  // where a path has to be made, it is this
  std::string made_raw_path_;
};

}  // namespace asgi
