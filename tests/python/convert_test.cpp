// What stands between C++ and Python: an interpreter, and neither a loop nor a socket.
#define DOCTEST_CONFIG_IMPLEMENT
#include "python/convert.hpp"

#include <doctest/doctest.h>
#include <pybind11/embed.h>

#include <span>
#include <string>
#include <variant>

#include "python/interpreter.hpp"

namespace py = pybind11;

namespace {

py::object evaluate(const char* expression) { return py::eval(expression); }

std::string show(const py::handle& value) { return py::repr(value).cast<std::string>(); }

// The name of the exception that an event raises, or "fine".
std::string raised_by(const char* event) {
  try {
    python::to_event(evaluate(event));
    return "fine";
  } catch (const py::error_already_set& error) {
    return error.type().attr("__name__").cast<std::string>();
  }
}

template <typename Event>
Event event(const char* expression) {
  return std::get<Event>(python::to_event(evaluate(expression)));
}

}  // namespace

TEST_CASE("an http scope becomes a dict of the specification's keys and types") {
  const asgi::State unused;
  const asgi::Address client{"127.0.0.1", 50000};
  const asgi::HeaderView header("x-a", "\xff");
  const asgi::HttpScope scope{{.http_version = "1.1",
                               .scheme = "http",
                               .path = "/\xe2\x82\xac",
                               .raw_path = "/%e2%82%ac",
                               .query_string = "a=%20",
                               .root_path = "",
                               .headers = std::span(&header, 1),
                               .client = &client,
                               .server = nullptr,
                               .state = unused,
                               .extensions = {}},
                              "GET"};
  py::dict state;
  state["key"] = 1;
  const py::dict made = python::to_python(asgi::Scope(scope), state);
  CHECK(made.equal(evaluate(
      "{'type': 'http', 'asgi': {'version': '3.0', 'spec_version': '2.5'}, 'http_version': '1.1',"
      " 'method': 'GET', 'scheme': 'http', 'path': '/\u20ac', 'raw_path': b'/%e2%82%ac',"
      " 'query_string': b'a=%20', 'root_path': '', 'headers': [(b'x-a', b'\\xff')],"
      " 'client': ('127.0.0.1', 50000), 'server': None, 'state': {'key': 1}, 'extensions': {}}")));
  made["state"]["other"] = 2;
  CHECK(show(state) == "{'key': 1}");  // each scope has a copy
}

TEST_CASE("a websocket scope has subprotocols and no method") {
  const asgi::State unused;
  const asgi::WebSocketScope scope{{.http_version = "1.1",
                                    .scheme = "ws",
                                    .path = "/",
                                    .raw_path = "/",
                                    .query_string = "",
                                    .root_path = "",
                                    .headers = {},
                                    .client = nullptr,
                                    .server = nullptr,
                                    .state = unused,
                                    .extensions = {}},
                                   {"v2", "v1"}};
  const py::dict made = python::to_python(asgi::Scope(scope), py::dict());
  CHECK(show(made["type"]) == "'websocket'");
  CHECK(show(made["subprotocols"]) == "['v2', 'v1']");
  CHECK_FALSE(made.contains("method"));
}

TEST_CASE("a lifespan scope has the state itself") {
  asgi::State unused;
  py::dict state;
  const py::dict made = python::to_python(asgi::Scope(asgi::LifespanScope{unused}), state);
  CHECK(show(made["asgi"]["spec_version"]) == "'2.0'");
  CHECK(py::object(made["state"]).is(state));
}

TEST_CASE("what receive() gives") {
  const auto shown = [](asgi::ReceiveEvent given) { return show(python::to_python(given)); };
  CHECK(shown(asgi::HttpRequest(std::string("\0x", 2), true)) ==
        "{'type': 'http.request', 'body': b'\\x00x', 'more_body': True}");
  CHECK(shown(asgi::HttpDisconnect()) == "{'type': 'http.disconnect'}");
  CHECK(shown(asgi::LifespanStartup()) == "{'type': 'lifespan.startup'}");
  CHECK(shown(asgi::LifespanShutdown()) == "{'type': 'lifespan.shutdown'}");
  CHECK(shown(asgi::WebSocketConnect()) == "{'type': 'websocket.connect'}");
  CHECK(shown(asgi::WebSocketReceive{"text", {}}) ==
        "{'type': 'websocket.receive', 'text': 'text'}");
  CHECK(shown(asgi::WebSocketReceive{{}, ""}) == "{'type': 'websocket.receive', 'bytes': b''}");
  CHECK(shown(asgi::WebSocketDisconnect{1001, "away"}) ==
        "{'type': 'websocket.disconnect', 'code': 1001, 'reason': 'away'}");
}

TEST_CASE("what is left out has the specification's default") {
  const auto start = event<asgi::HttpResponseStart>("{'type': 'http.response.start', 'status': 204}");
  CHECK(start.status == 204);
  CHECK(start.headers.empty());
  CHECK_FALSE(start.trailers);
  const auto body = event<asgi::HttpResponseBody>("{'type': 'http.response.body'}");
  CHECK(body.body.empty());
  CHECK_FALSE(body.more_body);
  const auto trailers = event<asgi::HttpResponseTrailers>("{'type': 'http.response.trailers'}");
  CHECK(trailers.headers.empty());
  CHECK_FALSE(trailers.more_trailers);
  const auto accept = event<asgi::WebSocketAccept>("{'type': 'websocket.accept'}");
  CHECK(accept.subprotocol.empty());
  const auto close = event<asgi::WebSocketClose>("{'type': 'websocket.close'}");
  CHECK(close.code == 1000);
  CHECK(close.reason.empty());
  const auto failed = event<asgi::LifespanStartupFailed>("{'type': 'lifespan.startup.failed'}");
  CHECK(failed.message.empty());
}

TEST_CASE("trailers may come in several events") {
  const char* const given =
      "{'type': 'http.response.trailers', 'headers': [(b'a', b'b')], 'more_trailers': True}";
  CHECK(event<asgi::HttpResponseTrailers>(given).more_trailers);
}

TEST_CASE("bytes may be given in each of Python's ways") {
  for (const char* given : {"b'ab'", "bytearray(b'ab')", "memoryview(b'ab')",
                            "__import__('array').array('b', [97, 98])", "memoryview(b'xab')[1:]"}) {
    CAPTURE(given);
    const std::string text = "{'type': 'http.response.body', 'body': " + std::string(given) + "}";
    CHECK(event<asgi::HttpResponseBody>(text.c_str()).body == "ab");
  }
}

TEST_CASE("headers may be any iterable of pairs") {
  for (const char* given : {"[(b'a', b'b')]", "([b'a', b'b'],)", "iter([(b'a', b'b')])",
                            "{b'a': b'b'}.items()", "(pair for pair in [[b'a', bytearray(b'b')]])"}) {
    CAPTURE(given);
    const std::string text =
        "{'type': 'http.response.start', 'status': 200, 'headers': " + std::string(given) + "}";
    const auto start = event<asgi::HttpResponseStart>(text.c_str());
    REQUIRE(start.headers.size() == 1);
    CHECK(start.headers[0] == std::pair<std::string, std::string>("a", "b"));
  }
}

TEST_CASE("what send() refuses") {
  const std::pair<const char*, const char*> cases[] = {
      {"5", "TypeError"},
      {"{}", "KeyError"},
      {"{'type': b'http.response.start'}", "TypeError"},
      {"{'type': 'http.request'}", "ValueError"},
      {"{'type': 'http.response.start'}", "KeyError"},
      {"{'type': 'http.response.start', 'status': None}", "TypeError"},
      {"{'type': 'http.response.start', 'status': 200.0}", "TypeError"},
      {"{'type': 'http.response.start', 'status': 200, 'headers': 1}", "TypeError"},
      {"{'type': 'http.response.start', 'status': 200, 'headers': [(b'a', b'b', b'c')]}",
       "ValueError"},
      {"{'type': 'http.response.start', 'status': 200, 'headers': [('a', b'b')]}", "TypeError"},
      {"{'type': 'http.response.body', 'body': 'text'}", "TypeError"},
      {"{'type': 'http.response.body', 'body': memoryview(b'abcd')[::2]}", "BufferError"},
      {"{'type': 'http.response.pathsend'}", "KeyError"},
      {"{'type': 'http.response.early_hint', 'links': b'x'}", "TypeError"},
      {"{'type': 'websocket.send'}", "ValueError"},
      {"{'type': 'websocket.send', 'text': 'a', 'bytes': b'a'}", "ValueError"},
      {"{'type': 'websocket.send', 'text': b'a'}", "TypeError"},
      {"{'type': 'websocket.send', 'text': '\\ud800'}", "UnicodeEncodeError"},
      {"{'type': 'websocket.close', 'code': '1000'}", "TypeError"},
      {"{'type': 'http.response.body', 'more_body': __import__('decimal').Decimal('sNaN')}",
       "fine"},
  };
  for (const auto& [given, name] : cases) {
    CAPTURE(given);
    CHECK(raised_by(given) == name);
  }
}

TEST_CASE("what an iterator raises is raised") {
  CHECK(raised_by("{'type': 'http.response.start', 'status': 200,"
                  " 'headers': (1 / 0 for _ in range(1))}") == "ZeroDivisionError");
}

TEST_CASE("a number that is too large is one that no event has") {
  CHECK(event<asgi::HttpResponseStart>("{'type': 'http.response.start', 'status': 10**30}").status ==
        0);
  CHECK(event<asgi::WebSocketClose>("{'type': 'websocket.close', 'code': 66536}").code == 0);
  CHECK(event<asgi::WebSocketClose>("{'type': 'websocket.close', 'code': -1}").code == 0);
}

int main(int argc, char** argv) {
  const python::Interpreter interpreter;
  return doctest::Context(argc, argv).run();
}
