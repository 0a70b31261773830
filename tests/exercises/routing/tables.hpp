#pragma once

#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "demo/router.hpp"

/// A route as a student's router is given it.
struct Route {
  std::string method;
  std::string pattern;  // "/users/{id}"
};

/// The route of a request, where `match(i, path)` returns the parameters of the i-th pattern if the
/// path fits it: all are tried, one after the other.
template <typename Match>
Found find_in_order(const std::vector<Route>& routes, std::string_view method, const Match& match) {
  Found found;
  found.status = 404;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    auto parameters = match(i);
    if (!parameters) continue;
    found.status = 405;
    if (routes[i].method != method) continue;
    found.status = 200;
    found.route = static_cast<int>(i);
    found.parameters = std::move(*parameters);
    break;
  }
  return found;
}

using Parameters = std::optional<std::vector<std::string_view>>;

/// A table of regular expressions, which are tried in order. What it finds is right.
class Expressions {
 public:
  explicit Expressions(const std::vector<Route>& routes) : routes_(routes) {
    const std::regex parameter(R"(\{\w+\})");
    for (const Route& route : routes) {
      expressions_.emplace_back(std::regex_replace(route.pattern, parameter, "([^/]+)"),
                                std::regex::optimize);
    }
  }

  Found find(std::string_view method, std::string_view path) const {
    return find_in_order(routes_, method, [&](std::size_t i) { return match(i, path); });
  }

 private:
  Parameters match(std::size_t i, std::string_view path) const {
    std::match_results<std::string_view::const_iterator> groups;
    if (!std::regex_match(path.begin(), path.end(), groups, expressions_[i])) return std::nullopt;
    std::vector<std::string_view> parameters;
    for (std::size_t group = 1; group < groups.size(); ++group) {
      parameters.emplace_back(groups[group].first, groups[group].second);
    }
    return parameters;
  }

  const std::vector<Route>& routes_;
  std::vector<std::regex> expressions_;
};

/// The segments of a path: those of "/users/7" are "users" and "7", that of "/" is empty.
inline std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    segments.push_back(path.substr(0, path.find('/')));
    path.remove_prefix(segments.back().size());
  }
  return segments;
}

/// The same table without regular expressions: each pattern is compared segment by segment.
class Patterns {
 public:
  explicit Patterns(const std::vector<Route>& routes) : routes_(routes) {
    for (const Route& route : routes) patterns_.push_back(segments_of(route.pattern));
  }

  Found find(std::string_view method, std::string_view path) const {
    const std::vector<std::string_view> segments = segments_of(path);
    return find_in_order(routes_, method, [&](std::size_t i) { return match(i, segments); });
  }

 private:
  Parameters match(std::size_t i, const std::vector<std::string_view>& segments) const {
    const std::vector<std::string_view>& pattern = patterns_[i];
    if (pattern.size() != segments.size()) return std::nullopt;
    std::vector<std::string_view> parameters;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
      if (pattern[at].starts_with('{')) {
        if (segments[at].empty()) return std::nullopt;
        parameters.push_back(segments[at]);
      } else if (pattern[at] != segments[at]) {
        return std::nullopt;
      }
    }
    return parameters;
  }

  const std::vector<Route>& routes_;
  std::vector<std::vector<std::string_view>> patterns_;
};
