"""What `./workshop look` shows of a step."""

import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))
import look  # noqa: E402
from folder import FolderTest  # noqa: E402

CODE = """#include "a.hpp"

namespace {

// Of its own.

// Doubles.
int twice(int number) {
  return 2 * number;
}

constexpr int most = 4;

struct Pair {
  int twice() const { return twice(first); }
};

}  // namespace

awaitable<void> Session::run() {
  co_return;
}

int twice(int number);
bool is_even(int n) { return n % 2 == 0; }
"""


class LookTest(FolderTest):
    files = {"src/a.cpp": CODE}

    def look(self, name):
        return [text for _, text in look.find(self.root, name)]

    def test_a_function_with_its_comment(self):
        self.assertEqual(self.look("twice"), ["// Doubles.\nint twice(int number) {\n  return 2 * number;\n}"])

    def test_a_member_a_type_and_a_line(self):
        self.assertEqual(self.look("Session::run()"), ["awaitable<void> Session::run() {\n  co_return;\n}"])
        self.assertTrue(self.look("Pair")[0].startswith("struct Pair {"))
        self.assertEqual(self.look("is_even"), ["bool is_even(int n) { return n % 2 == 0; }"])

    def test_what_is_in_python(self):
        code = "class Tool:\n    async def wait(self):\n        pass\n\n\ndef run():\n    pass\n"
        self.write("src/b.py", code)
        found = {name: [text for _, text in look.find_in_python(self.root, name)]
                 for name in ("Tool.wait()", "run", "walk")}
        self.assertEqual(found, {"Tool.wait()": ["    async def wait(self):\n        pass"],
                                 "run": ["def run():\n    pass"], "walk": []})

    def test_what_is_not_there(self):
        self.assertEqual(self.look("most_of_it"), [])

if __name__ == "__main__":
    unittest.main()
