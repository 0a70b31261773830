// Names in C++ sources: what is found, what is ambiguous, and where it begins and ends.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { find } from '../tools/cpp.mjs'

const SOURCE = `#include "a.hpp"
#define BRACES {{

using namespace std;

namespace {

constexpr std::array table = {
    Entry{"}", '{'},
    Entry{R"(")} {)", '\\''},
};

// Two braces in a comment: }}
template <typename T, typename = std::enable_if_t<(sizeof(T) > 1)>>
T twice(T value) {
  return value + value;  // }
}

class Session {
 public:
  explicit Session(int fd) : fd_(fd), limits_{1, 2} {}
  awaitable<void> run(std::function<void(int)> done = {});
  bool operator==(const Session&) const = default;

 private:
  int fd_ = 1'000'000;
  Limits limits_{3, 4};
};

awaitable<void> Session::run(
    std::function<void(int)> done) {
  co_await [] { return 1; }();
}

}  // namespace

namespace net::http {

struct Error;
enum class Kind { none, some };
void append(std::string& out, int number);
void append(std::string& out, std::string_view text);
void append(std::string& out, int number) { out += std::to_string(number); }
auto size() -> std::size_t { return 0; }

}  // namespace net::http

// region listening
void listen() {
  accept();
// endregion listening
}
`
const lines = (name) => {
  const { firstLine, lastLine } = find(SOURCE, name)
  return SOURCE.split('\n')
    .slice(firstLine - 1, lastLine)
    .join('\n')
}

test('braces in literals, comments and macros are none', () => {
  assert.match(lines('table'), /^constexpr[^]*\n};$/)
  assert.match(lines('twice'), /^template[^]*\/\/ }\n}$/)
})

test('a definition is meant where a declaration has the same name', () => {
  assert.match(lines('run'), /^awaitable<void> Session::run\([^]*\n}$/)
  assert.equal(lines('run'), lines('Session::run'))
})

test('a type is not its constructor', () => {
  assert.match(lines('Session'), /^class Session \{[^]*\n};$/)
  assert.match(lines('Session::Session'), /^ {2}explicit Session\(.*\{\}$/)
})

test('members, operators and enumerations have names', () => {
  assert.equal(lines('Session::limits_'), '  Limits limits_{3, 4};')
  assert.equal(lines('Session::operator=='), '  bool operator==(const Session&) const = default;')
  assert.equal(lines('http::Kind'), 'enum class Kind { none, some };')
  assert.match(lines('net::http::size'), /^auto size/)
})

test('overloads are told apart by their parameters', () => {
  assert.match(lines('append(std::string& out, std::string_view'), /text\);$/)
  assert.match(lines('append'), /\{ out \+=/)
})

test('a region is what stands between its marks', () => {
  assert.equal(lines('listening'), 'void listen() {\n  accept();')
  const source = (text) => () => find(text, 'x')
  assert.throws(source('// region x\nint a;\n'), /'x' has no end/)
  assert.throws(source('// endregion x\n'), /ends without a beginning/)
  assert.throws(source('// region x\n// region x\n// endregion x\n'), /begins twice \(line 2\)/)
})

test('a name that is not there is told with those that are', () => {
  assert.throws(() => find(SOURCE, 'serve'), /there is no 'serve'; there are: .*Session::run/)
  assert.throws(() => find(SOURCE, 'asio::append'), /there is no 'asio::append'/)
  assert.throws(() => find(SOURCE, 'Error'), /there is no 'Error'/)
})

test('a name that is there twice is ambiguous, with its lines', () => {
  const twice = 'struct A {\n  void f() {}\n};\nstruct B {\n  void f() {}\n};\n'
  assert.throws(() => find(twice, 'f'), /'f' is ambiguous: lines 2, 5/)
  assert.equal(find(twice, 'B::f').firstLine, 5)
})
