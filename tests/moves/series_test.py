"""What is counted of a move."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import series  # noqa: E402

HEAD = "Title: t\nMinutes: 5\nTake over: src/a.hpp {}\nSee: x\n\n"
CODE = """class Tool {
  int size_;
};

Tool::Tool(int size) : size_(size) {
}

const Tool& tool() {
  return one;
}
"""


class CountsTest(unittest.TestCase):
    def counts(self, parts):
        patch = series.difference({}, {"src/a.hpp": b"x\n", "src/a.cpp": CODE.encode()})
        return series.Move("1_t.patch", HEAD.format(parts) + patch).counts()

    def test_a_file_that_is_taken_over(self):
        self.assertEqual(self.counts(""), (10, 1, 0))

    def test_a_type_and_not_what_uses_it(self):
        self.assertEqual(self.counts("src/a.cpp#Tool"), (7, 4, 0))
        self.assertEqual(self.counts("src/a.cpp#Tool src/a.cpp#tool"), (4, 7, 0))

    def test_a_part_that_is_not_there(self):
        with self.assertRaisesRegex(series.Fault, "has no part 'tools'"):
            self.counts("src/a.cpp#tools")


if __name__ == "__main__":
    unittest.main()
