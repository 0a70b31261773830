// Judges a student's Router (demo/router.hpp): does it find what a table of 500 regular expressions
// finds, and how long does each take? Prints three lines (the request, what was found, what is
// right) and ends with 1; or the times, and ends with 2 if the router's are those of a table.

#include <cstdio>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "tables.hpp"

namespace {

constexpr int few = 7, many = 70;  // versions of the API: 500 routes, and ten times as many
constexpr double least_gain = 8;  // over a table of many routes; a state machine has fifty or more
constexpr std::size_t number_of_requests = 2000;

struct Request {
  std::string method;
  std::string path;
};

std::vector<Route> make_routes(int versions) {
  std::vector<Route> routes;
  for (int version = 1; version <= versions; ++version) {
    for (const char* const noun :
         {"users", "posts", "orders", "items", "pages", "files", "groups"}) {
      const std::string all = "/api/v" + std::to_string(version) + '/' + noun;
      for (const auto& [method, rest] :
           std::vector<std::pair<const char*, const char*>>{{"GET", ""},
                                                            {"POST", ""},
                                                            {"GET", "/new"},
                                                            {"GET", "/search"},
                                                            {"GET", "/new/preview"},
                                                            {"GET", "/{id}"},
                                                            {"PUT", "/{id}"},
                                                            {"DELETE", "/{id}"},
                                                            {"GET", "/{id}/edit"},
                                                            {"GET", "/{id}/comments/{comment}"}}) {
        routes.push_back({method, all + rest});
      }
    }
  }
  for (const char* const pattern :
       {"/", "/about", "/static/{file}", "/static/{folder}/{file}", "/api/{version}/status",
        "/login", "/{page}", "/{page}/{section}"}) {
    routes.push_back({"GET", pattern});
  }
  routes.push_back({"POST", "/login"});
  routes.push_back({"DELETE", "/{page}"});
  return routes;
}

// Requests of all kinds: that fit a route, that nearly do, and that do not. Always the same ones.
class Requests {
 public:
  explicit Requests(const std::vector<Route>& routes) : routes_(routes) {}

  Request next() {
    const Route& route = routes_[number_below(routes_.size())];
    Request request{route.method, ""};
    if (number_below(4) == 0) request.method = one_of({"GET", "POST", "PUT", "DELETE", "PATCH"});
    for (const std::string_view segment : segments_of(route.pattern)) {
      request.path += '/';
      request.path += segment.starts_with('{') ? value() : std::string(segment);
    }
    if (number_below(4) == 0) spoil(request.path);
    return request;
  }

 private:
  std::size_t number_below(std::size_t limit) { return generator_() % limit; }

  std::string one_of(const std::vector<std::string>& words) {
    return words[number_below(words.size())];
  }

  std::string value() {
    return one_of(
        {"7", "42", "new", "search", "edit", "status", "v1", "users", "{id}", "a.b", "%41"});
  }

  void spoil(std::string& path) {
    const std::size_t at = number_below(path.size());
    switch (number_below(4)) {
      case 0: path += '/'; break;
      case 1: path.insert(at, "/"); break;
      case 2: path.erase(path.rfind('/') + 1); break;
      default: path += one_of({"x", "/edit", "/comments", "/preview", "/status"});
    }
  }

  const std::vector<Route>& routes_;
  std::mt19937 generator_{1};
};

std::string show(const Found& found) {
  std::string text = std::to_string(found.status);
  if (found.status != 200) return text;
  text += ", route " + std::to_string(found.route);
  for (const std::string_view parameter : found.parameters) (text += ", ") += parameter;
  return text;
}

std::vector<Request> make_requests(const std::vector<Route>& routes) {
  Requests source(routes);
  std::vector<Request> requests;
  while (requests.size() < number_of_requests) requests.push_back(source.next());
  return requests;
}

void fill(Router& router, const std::vector<Route>& routes) {
  for (const Route& route : routes) router.add(route.method, route.pattern);
}

bool agree(const std::vector<Route>& routes, const std::vector<Request>& requests,
           const Router& router) {
  const Expressions expressions(routes);
  for (const Request& request : requests) {
    const std::string right = show(expressions.find(request.method, request.path));
    const std::string found = show(router.find(request.method, request.path));
    if (found == right) continue;
    std::printf("%s %s\n%s\n%s\n", request.method.c_str(), request.path.c_str(), found.c_str(),
                right.c_str());
    return false;
  }
  return true;
}

// Microseconds of the processor's time for a request. Whoever looks at all of them takes long
// enough to be measured; a faster one does so several times.
template <typename Table>
double measure(const Table& table, const std::vector<Request>& requests) {
  std::size_t number = 0;
  volatile long statuses = 0;  // a result that somebody may read has to be computed
  const std::clock_t begin = std::clock();
  std::clock_t passed = 0;
  for (; passed < CLOCKS_PER_SEC / 10; passed = std::clock() - begin) {
    for (const Request& request : requests) {
      statuses = statuses + table.find(request.method, request.path).status;
      ++number;
    }
  }
  return 1e6 * static_cast<double>(passed) / CLOCKS_PER_SEC / static_cast<double>(number);
}

void compare(const std::vector<Route>& routes, std::vector<Request> requests,
             const Router& router) {
  const double yours = measure(router, requests);
  requests.resize(requests.size() / 20);
  const double theirs = measure(Expressions(routes), requests);
  std::printf("  %zu routes   regular expressions, in order  %8.2f us a request\n", routes.size(),
              theirs);
  std::printf("               your router                    %8.2f us: %.0f times as fast\n", yours,
              theirs / yours);
}

// Whether the router is much faster than a table, also one without regular expressions.
bool is_no_table() {
  const std::vector<Route> routes = make_routes(many);
  const std::vector<Request> requests = make_requests(routes);
  Router router;
  fill(router, routes);
  const double theirs = measure(Patterns(routes), requests);
  const double yours = measure(router, requests);
  std::printf("  %zu routes  patterns by segments, in order %8.2f us\n", routes.size(), theirs);
  std::printf("               your router                    %8.2f us: %.0f times as fast\n", yours,
              theirs / yours);
  return theirs / yours >= least_gain;
}

}  // namespace

int main() {
  const std::vector<Route> routes = make_routes(few);
  const std::vector<Request> requests = make_requests(routes);
  Router router;
  fill(router, routes);
  if (!agree(routes, requests, router)) return 1;
  compare(routes, requests, router);
  return is_no_table() ? 0 : 2;
}
