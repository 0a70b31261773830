#include "python/convert.hpp"

#include <pybind11/pybind11.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace py = pybind11;

namespace python {
namespace {

// ---- to Python ----

py::object owned(PyObject* object) {
  if (!object) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(object);
}

py::object str(std::string_view text) {
  return owned(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr));
}

py::object bytes(std::string_view octets) {
  return owned(PyBytes_FromStringAndSize(octets.data(), static_cast<Py_ssize_t>(octets.size())));
}

// A str that Python makes once and keeps: what a dict is asked for again and again.
py::object interned(const char* text) { return owned(PyUnicode_InternFromString(text)); }

void set(const py::dict& dict, const py::object& key, const py::object& value) {
  if (PyDict_SetItem(dict.ptr(), key.ptr(), value.ptr()) != 0) throw py::error_already_set();
}

// The keys and the values that are always the same. They live as long as the interpreter, which
// does not end before the program's last lines.
struct Words {
  py::object type = interned("type"), asgi = interned("asgi"), state = interned("state"),
             http = interned("http"), websocket = interned("websocket"),
             lifespan = interned("lifespan"), http_version = interned("http_version"),
             method = interned("method"), scheme = interned("scheme"), path = interned("path"),
             raw_path = interned("raw_path"), query_string = interned("query_string"),
             root_path = interned("root_path"), headers = interned("headers"),
             client = interned("client"), server = interned("server"),
             extensions = interned("extensions"), subprotocols = interned("subprotocols"),
             body = interned("body"), more_body = interned("more_body"), text = interned("text"),
             bytes = interned("bytes"), code = interned("code"), reason = interned("reason"),
             status = interned("status"), trailers = interned("trailers"),
             links = interned("links"), message = interned("message"),
             subprotocol = interned("subprotocol"), more_trailers = interned("more_trailers"),
             http_request = interned("http.request"), yes = owned(PyBool_FromLong(1)),
             no = owned(PyBool_FromLong(0));
};

const Words& words() {
  static const Words* const all = new Words;  // never destroyed: the interpreter ends before
  return *all;
}

py::object address(const asgi::Address* address) {
  if (!address) return py::none();
  const py::object host = str(address->host);
  return owned(PyTuple_Pack(2, host.ptr(), py::int_(address->port).ptr()));
}

// A str that many requests have, which is made once; any other is made anew.
py::object known(std::string_view text) {
  static const auto* const all = new std::vector<std::pair<std::string_view, py::object>>([] {
    std::vector<std::pair<std::string_view, py::object>> made;
    for (const char* const word :
         {"GET", "POST", "1.1", "http", "http.response.trailers", "http.response.early_hint",
          "http.response.pathsend", "websocket.http.response"}) {
      made.emplace_back(word, interned(word));
    }
    return made;
  }());
  for (const auto& [word, object] : *all) {
    if (word == text) return object;
  }
  return str(text);
}

template <typename Headers>
py::object header_list(const Headers& headers) {
  const py::object list = owned(PyList_New(static_cast<Py_ssize_t>(headers.size())));
  Py_ssize_t i = 0;
  for (const auto& [name, value] : headers) {
    const py::object pair = owned(PyTuple_Pack(2, bytes(name).ptr(), bytes(value).ptr()));
    PyList_SET_ITEM(list.ptr(), i++, py::object(pair).release().ptr());
  }
  return list;
}

py::dict copy(const py::dict& dict) {
  return py::reinterpret_steal<py::dict>(owned(PyDict_Copy(dict.ptr())).release());
}

// What the scopes of one type have in common. A scope begins as a copy of it, with all its keys:
// then the dict need not grow.
struct Outline {
  py::dict scope;
  py::dict versions;

  Outline(const py::object& type, std::string_view spec_version,
          std::initializer_list<py::object> keys) {
    set(versions, interned("version"), str(asgi::version));
    set(versions, interned("spec_version"), str(spec_version));
    set(scope, words().type, type);
    for (const py::object& key : keys) set(scope, key, py::none());
  }

  py::dict begin() const {
    py::dict made = copy(scope);
    set(made, words().asgi, copy(versions));
    return made;
  }
};

void fill(const py::dict& dict, const asgi::ConnectionScope& scope, const py::dict& state) {
  const Words& word = words();
  set(dict, word.http_version, known(scope.http_version));
  set(dict, word.scheme, known(scope.scheme));
  set(dict, word.path, str(scope.path));
  set(dict, word.raw_path, bytes(scope.raw_path));
  set(dict, word.query_string, bytes(scope.query_string));
  set(dict, word.root_path, str(scope.root_path));
  set(dict, word.headers, header_list(scope.headers));
  set(dict, word.client, address(scope.client));
  set(dict, word.server, address(scope.server));
  set(dict, word.state, copy(state));
  py::dict extensions;
  for (const std::string_view name : scope.extensions) set(extensions, known(name), py::dict());
  set(dict, word.extensions, extensions);
}

py::dict convert(const asgi::HttpScope& scope, const py::dict& state) {
  const Words& word = words();
  static const auto* const outline =
      new Outline(word.http, asgi::spec_version,
                  {word.asgi, word.http_version, word.method, word.scheme, word.path, word.raw_path,
                   word.query_string, word.root_path, word.headers, word.client, word.server,
                   word.state, word.extensions});
  py::dict dict = outline->begin();
  fill(dict, scope, state);
  set(dict, word.method, known(scope.method));
  return dict;
}

py::dict convert(const asgi::WebSocketScope& scope, const py::dict& state) {
  const Words& word = words();
  static const auto* const outline =
      new Outline(word.websocket, asgi::spec_version, {word.asgi, word.subprotocols});
  py::dict dict = outline->begin();
  fill(dict, scope, state);
  py::list subprotocols;
  for (const auto& name : scope.subprotocols) subprotocols.append(str(name));
  set(dict, word.subprotocols, subprotocols);
  return dict;
}

py::dict convert(const asgi::LifespanScope&, const py::dict& state) {
  static const auto* const outline =
      new Outline(words().lifespan, asgi::lifespan_version, {words().asgi, words().state});
  py::dict dict = outline->begin();
  set(dict, words().state, state);
  return dict;
}

py::dict event(const char* type) {
  py::dict dict;
  set(dict, words().type, interned(type));
  return dict;
}

py::dict convert(const asgi::HttpRequest& request) {
  py::dict dict;
  set(dict, words().type, words().http_request);
  set(dict, words().body, bytes(request.body));
  set(dict, words().more_body, request.more_body ? words().yes : words().no);
  return dict;
}

py::dict convert(const asgi::HttpDisconnect&) { return event("http.disconnect"); }
py::dict convert(const asgi::LifespanStartup&) { return event("lifespan.startup"); }
py::dict convert(const asgi::LifespanShutdown&) { return event("lifespan.shutdown"); }
py::dict convert(const asgi::WebSocketConnect&) { return event("websocket.connect"); }

py::dict convert(const asgi::WebSocketReceive& message) {
  py::dict dict = event("websocket.receive");
  if (message.text) set(dict, words().text, str(*message.text));
  if (message.bytes) set(dict, words().bytes, bytes(*message.bytes));
  return dict;
}

py::dict convert(const asgi::WebSocketDisconnect& end) {
  py::dict dict = event("websocket.disconnect");
  set(dict, words().code, py::int_(end.code));
  set(dict, words().reason, str(end.reason));
  return dict;
}

// ---- from Python ----

[[noreturn]] void raise(PyObject* type, const std::string& text) {
  PyErr_SetString(type, text.c_str());
  throw py::error_already_set();
}

// The value of a key; null: it has none, or None.
py::handle find(py::handle dict, const py::object& key) {
  PyObject* const value = PyDict_GetItemWithError(dict.ptr(), key.ptr());
  if (!value && PyErr_Occurred()) throw py::error_already_set();
  return value == Py_None ? nullptr : value;
}

py::handle get(py::handle dict, const py::object& key) {
  const py::handle value = find(dict, key);
  if (value) return value;
  if (PyDict_Contains(dict.ptr(), key.ptr()) == 1) {
    raise(PyExc_TypeError, std::string(py::str(key)) + " is None");
  }
  PyErr_SetObject(PyExc_KeyError, key.ptr());
  throw py::error_already_set();
}

std::string to_bytes(py::handle object) {
  Py_buffer buffer;
  if (PyObject_GetBuffer(object.ptr(), &buffer, PyBUF_SIMPLE) != 0) throw py::error_already_set();
  std::string octets(static_cast<const char*>(buffer.buf), static_cast<std::size_t>(buffer.len));
  PyBuffer_Release(&buffer);
  return octets;
}

void require_str(py::handle object) {
  if (!PyUnicode_Check(object.ptr())) {
    raise(PyExc_TypeError,
          std::string("a str is required, not '") + Py_TYPE(object.ptr())->tp_name + "'");
  }
}

std::string to_text(py::handle object) {
  require_str(object);
  Py_ssize_t size = 0;
  const char* const text = PyUnicode_AsUTF8AndSize(object.ptr(), &size);
  if (!text) throw py::error_already_set();
  return std::string(text, static_cast<std::size_t>(size));
}

// The name of a file may have octets that are not UTF-8. In Python's str they are surrogates
// (PEP 383).
std::string to_path(py::handle object) {
  require_str(object);
  PyObject* path = nullptr;
  if (!PyUnicode_FSConverter(object.ptr(), &path)) throw py::error_already_set();
  return py::reinterpret_steal<py::bytes>(path);
}

// What is out of range becomes a number that no event can have: the server refuses it.
template <typename Number>
Number to_number(py::handle object) {
  const py::object index = owned(PyNumber_Index(object.ptr()));
  int overflow = 0;
  const long number = PyLong_AsLongAndOverflow(index.ptr(), &overflow);
  const bool fits = overflow == 0 && number >= 0 && number <= std::numeric_limits<Number>::max();
  return fits ? static_cast<Number>(number) : Number(0);
}

bool to_bool(py::handle dict, const py::object& key) {
  const py::handle value = find(dict, key);
  const int truth = value ? PyObject_IsTrue(value.ptr()) : 0;
  if (truth < 0) throw py::error_already_set();
  return truth == 1;
}

std::string bytes_or_none(py::handle dict, const py::object& key) {
  const py::handle value = find(dict, key);
  return value ? to_bytes(value) : std::string();
}

std::string text_or_none(py::handle dict, const py::object& key) {
  const py::handle value = find(dict, key);
  return value ? to_text(value) : std::string();
}

// Calls `take` for each item of what can be iterated over, a list, a tuple or a generator.
template <typename Take>
void for_each(py::handle iterable, const Take& take) {
  const py::object iterator = owned(PyObject_GetIter(iterable.ptr()));
  while (PyObject* const item = PyIter_Next(iterator.ptr())) take(owned(item));
  if (PyErr_Occurred()) throw py::error_already_set();
}

asgi::Headers to_headers(py::handle dict) {
  asgi::Headers headers;
  const py::handle pairs = find(dict, words().headers);
  if (!pairs) return headers;
  for_each(pairs, [&](const py::object& item) {
    const py::object pair = owned(PySequence_Fast(item.ptr(), "a header is a name and a value"));
    if (PySequence_Fast_GET_SIZE(pair.ptr()) != 2) {
      raise(PyExc_ValueError, "a header is a name and a value");
    }
    headers.emplace_back(to_bytes(PySequence_Fast_GET_ITEM(pair.ptr(), 0)),
                         to_bytes(PySequence_Fast_GET_ITEM(pair.ptr(), 1)));
  });
  return headers;
}

asgi::HttpResponseStart to_start(py::handle dict) {
  asgi::HttpResponseStart start(to_number<int>(get(dict, words().status)));
  start.headers = to_headers(dict);
  start.trailers = to_bool(dict, words().trailers);
  return start;
}

asgi::HttpResponseBody to_body(py::handle dict) {
  const bool more_body = to_bool(dict, words().more_body);
  return asgi::HttpResponseBody(bytes_or_none(dict, words().body), more_body);
}

asgi::SendEvent to_trailers(py::handle dict) {
  const bool more_trailers = to_bool(dict, words().more_trailers);
  return asgi::HttpResponseTrailers(to_headers(dict), more_trailers);
}

asgi::SendEvent to_early_hint(py::handle dict) {
  std::vector<std::string> links;
  for_each(get(dict, words().links),
           [&](const py::object& link) { links.push_back(to_bytes(link)); });
  return asgi::HttpResponseEarlyHint(std::move(links));
}

asgi::SendEvent to_message(py::handle dict) {
  const py::handle octets = find(dict, words().bytes);
  const py::handle text = find(dict, words().text);
  if (bool(octets) == bool(text)) {
    raise(PyExc_ValueError, "websocket.send has one of text and bytes");
  }
  return text ? asgi::WebSocketSend::of_text(to_text(text))
              : asgi::WebSocketSend::of_bytes(to_bytes(octets));
}

asgi::SendEvent to_close(py::handle dict) {
  const py::handle code = find(dict, words().code);
  const std::uint16_t number = code ? to_number<std::uint16_t>(code) : std::uint16_t(1000);
  return asgi::WebSocketClose(number, text_or_none(dict, words().reason));
}

struct Kind {
  std::string_view type;
  asgi::SendEvent (*convert)(py::handle dict);
};

// Those that come with each request first.
constexpr std::array kinds = {
    Kind{"http.response.start", [](py::handle dict) -> asgi::SendEvent { return to_start(dict); }},
    Kind{"http.response.body", [](py::handle dict) -> asgi::SendEvent { return to_body(dict); }},
    Kind{"websocket.send", to_message},
    Kind{"websocket.accept",
         [](py::handle dict) -> asgi::SendEvent {
           return asgi::WebSocketAccept(text_or_none(dict, words().subprotocol), to_headers(dict));
         }},
    Kind{"websocket.close", to_close},
    Kind{"websocket.http.response.start",
         [](py::handle dict) -> asgi::SendEvent {
           return asgi::WebSocketHttpResponseStart(to_start(dict));
         }},
    Kind{"websocket.http.response.body",
         [](py::handle dict) -> asgi::SendEvent {
           return asgi::WebSocketHttpResponseBody(to_body(dict));
         }},
    Kind{"http.response.trailers", to_trailers},
    Kind{"http.response.early_hint", to_early_hint},
    Kind{"http.response.pathsend",
         [](py::handle dict) -> asgi::SendEvent {
           return asgi::HttpResponsePathsend(to_path(get(dict, words().path)));
         }},
    Kind{"lifespan.startup.complete",
         [](py::handle) -> asgi::SendEvent { return asgi::LifespanStartupComplete(); }},
    Kind{"lifespan.startup.failed",
         [](py::handle dict) -> asgi::SendEvent {
           return asgi::LifespanStartupFailed(text_or_none(dict, words().message));
         }},
    Kind{"lifespan.shutdown.complete",
         [](py::handle) -> asgi::SendEvent { return asgi::LifespanShutdownComplete(); }},
    Kind{"lifespan.shutdown.failed",
         [](py::handle dict) -> asgi::SendEvent {
           return asgi::LifespanShutdownFailed(text_or_none(dict, words().message));
         }},
};

}  // namespace

py::dict to_python(const asgi::Scope& scope, const py::dict& state) {
  return std::visit([&](const auto& kind) { return convert(kind, state); }, scope);
}

py::dict to_python(const asgi::ReceiveEvent& event) {
  return std::visit([](const auto& kind) { return convert(kind); }, event);
}

asgi::SendEvent to_event(py::handle message) {
  if (!PyDict_Check(message.ptr())) {
    raise(PyExc_TypeError,
          std::string("an event is a dict, not '") + Py_TYPE(message.ptr())->tp_name + "'");
  }
  const std::string type = to_text(get(message, words().type));
  for (const Kind& kind : kinds) {
    if (kind.type == type) return kind.convert(message);
  }
  raise(PyExc_ValueError, "there is no event '" + type + "' to send");
}

}  // namespace python
