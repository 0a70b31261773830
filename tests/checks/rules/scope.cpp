// What an application is told of a request: /scope shows it, a line for each key.
#include "check.hpp"

namespace {

Row shows(const std::string& name, const std::string& bytes, const std::string& lines) {
  return Row(name, bytes, 200).with_lines(lines);
}

std::string scope(const std::string& query = "", const std::string& fields = "") {
  return request("GET", "/scope" + query, fields);
}

const int registered = register_table(
    __FILE__, __LINE__,
    {
        {4,
         "ASGI: HTTP Connection Scope",
         "the scope says what the request line said: type, http_version, method, scheme",
         "ScopeFactory::http() in asgi/scope.cpp",
         {
             shows("tells the application the type of its scope", scope(), "type: http"),
             shows("tells the application the version", scope(), "http_version: 1.1"),
             shows("tells the application that it is HTTP/1.0", "GET /scope HTTP/1.0\r\n\r\n",
                   "http_version: 1.0"),
             shows("tells the application the method", request("BREW", "/scope"), "method: BREW"),
             shows("tells the application the scheme", scope(), "scheme: http"),
         }},
        {4,
         "RFC 3986 section 2.4",
         "path is what the target's path stands for: its percent-encoding is taken away, once, and "
         "only after it was split from the query; raw_path is as it came",
         "ScopeFactory::make_paths() in asgi/scope.cpp",
         {
             shows("tells the application the path", scope(), "path: /scope"),
             shows("decodes the path", request("GET", "/%73%63ope"), "path: /scope"),
             shows("decodes capital digits in the path", request("GET", "/sc%6Fpe"),
                   "path: /scope"),
             shows("decodes small digits in the path", request("GET", "/sc%6fpe"), "path: /scope"),
             shows("keeps the path as it came, too", request("GET", "/%73%63ope"),
                   "raw_path: /%73%63ope"),
             shows("keeps the query out of the raw path", scope("?a"), "raw_path: /scope"),
         }},
        {4,
         "ASGI: HTTP Connection Scope",
         "query_string is what stands behind the first question mark, as it came: only the "
         "application knows what it means",
         "ScopeFactory::show() in asgi/scope.cpp",
         {
             shows("tells the application the query", scope("?a=b&c"), "query_string: a=b&c"),
             shows("does not decode the query", scope("?a=%20%C3%A9+b"),
                   "query_string: a=%20%C3%A9+b"),
             shows("leaves a backslash in the query as it is", scope("?p=C:\\temp"),
                   "query_string: p=C:\\temp"),
             shows("takes further question marks into the query", scope("?a?b"),
                   "query_string: a?b"),
             shows("tells the application that there is no query", scope(), "query_string: "),
         }},
        {4,
         "RFC 9112 section 3.2.2",
         "a target in absolute form means the same as one that begins with a slash",
         "ScopeFactory::make_paths() in asgi/scope.cpp",
         {
             shows("takes the path out of an absolute form", request("GET", "http://x/%73cope?q"),
                   "path: /scope"),
             shows("takes the query out of an absolute form",
                   request("GET", "http://x/%73cope?q=http://y/z"), "query_string: q=http://y/z"),
         }},
        {4,
         "ASGI: HTTP Connection Scope",
         "headers are pairs in the order in which they came, with names in lower case, whatever "
         "comes twice",
         "ScopeFactory::copy_fields() in asgi/scope.cpp",
         {
             shows("tells the application the fields in lower case",
                   scope("", "X-Some-Name: Some Value\r\n"), "headers x-some-name: Some Value"),
             shows("keeps the order of fields and their number",
                   scope("", "A: 1\r\nB: 2\r\nA: 3\r\n"),
                   "headers a: 1\nheaders b: 2\nheaders a: 3"),
             shows("takes whitespace off the ends of values", scope("", "A: \t b  c \r\n"),
                   "headers a: b  c"),
             shows("tells the application the host", scope(), "headers host: x"),
         }},
    });

Answer ask(Client& client, const std::string& target) {
  client.send(request("GET", target));
  const Answer answer = client.read_answer();
  expect_status(client, answer, {200});
  return answer;
}

std::string line(const std::string& key, const tcp::endpoint& address) {
  return key + ": " + address.address().to_string() + ' ' + std::to_string(address.port()) + '\n';
}

int count_at(Client& client) {
  const Answer answer = ask(client, "/counter");
  const std::string& body = answer.body;
  const bool number = body.size() > 1 && body.size() < 9 && body.back() == '\n' &&
                      body.find_first_not_of("0123456789") == body.size() - 1;
  if (!number) client.fail(answer.body_begin, "a number and LF");
  return std::stoi(body);
}

}  // namespace

TEST_CASE("tells the application who asks" * since(4) * section("ASGI: HTTP Connection Scope") *
          rule("client is the address and the port of the other side of the connection") *
          look_at("ScopeFactory::show() in asgi/scope.cpp")) {
  Client client(the_server());
  expect_lines(client, ask(client, "/scope"), line("client", client.address()));
}

TEST_CASE("tells the application who is asked" * since(4) * section("ASGI: HTTP Connection Scope") *
          rule("server is the address and the port that the server listens on") *
          look_at("ScopeFactory::show() in asgi/scope.cpp")) {
  Client client(the_server());
  expect_lines(client, ask(client, "/scope"), line("server", the_server()));
}

TEST_CASE("tells the application where it is mounted" * since(4) *
          section("ASGI: HTTP Connection Scope") *
          rule("with --root-path, root_path says where the application is mounted, and path begins "
               "with it") *
          look_at("ScopeFactory::make_paths() in asgi/scope.cpp")) {
  Server server("--root-path /app");
  Client client(server.endpoint());
  const Answer answer = ask(client, "/scope");
  expect_lines(client, answer, "root_path: /app\n");
  expect_lines(client, answer, "path: /app/scope\n");
}

TEST_CASE("lets requests share a state" * since(4) * section("ASGI: Lifespan State") *
          rule("what the application has put into the lifespan's state is in each scope, on any "
               "connection") *
          look_at("lifespan() in demo/demo.cpp")) {
  Server server;
  Client client(server.endpoint());
  const int first = count_at(client);
  if (first != 1) client.fail(client.position() - 2, "1 here, from a server that has just started");
  if (count_at(client) != 2) client.fail(client.position() - 2, "2");
  Client other(server.endpoint());
  other.note("another connection has asked twice");
  if (count_at(other) != 3) other.fail(other.position() - 2, "3");
}
