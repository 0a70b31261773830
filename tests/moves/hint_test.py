"""What `./workshop hint` tells of a move, and what it keeps to itself."""

import contextlib
import io
import pathlib
import re
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import hint  # noqa: E402
import series  # noqa: E402

PATCH = """Title: A

diff --git a/src/a.cpp b/src/a.cpp
--- a/src/a.cpp
+++ b/src/a.cpp
@@ -1,3 +1,4 @@
 int one;
-int two;
+int three;
+int four;
 int five;
@@ -10,2 +11,3 @@
 int ten;
+++count;
 int twelve;
diff --git a/src/b.cpp b/src/b.cpp
new file mode 100644
--- /dev/null
+++ b/src/b.cpp
@@ -0,0 +1 @@
+int only;
"""


def said(*arguments):
    """Returns the exit status of hint.py, and what it has printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = hint.main([str(argument) for argument in arguments])
    return status, out.getvalue() + err.getvalue()


class HintTest(unittest.TestCase):
    def test_a_part_in_python(self):
        text = ('X = 1\n\n\ndef f(a):\n    """Says."""\n    return g(a)\n\n\n'
                'class C(B):\n    def m(self):\n        pass\n')
        parts = list(hint.parts_of("bridge.py", text))
        self.assertEqual([(first, hint.name_of(part)) for first, part in parts], [(4, "f()"), (9, "class C")])
        self.assertEqual([hint.declaration_in_python(part) for _, part in parts],
                         [["def f(a):", '    """Says."""'], ["class C(B):", "    def m(self):"]])

    def test_a_line_of_python_by_its_shape(self):
        for line, shape in (
            ("    return await channel.take(one)", "    return await take(...)"),
            ("    if not calls or waits(1):", "    if waits(...):"),
            ("    count = 1", "    ..."),
            ("    except OSError:", "    except OSError:"),
            ("def f(a):", "def f(a):"),
        ):
            self.assertEqual(hint.shape_in_python(line), shape)

    def test_the_lines_that_a_patch_adds(self):
        self.assertEqual(hint.added_lines(PATCH), {"src/a.cpp": {2, 3, 12}, "src/b.cpp": {1}})

    def test_a_line_by_its_shape(self):
        for line, shape in (
            ("  if (!in.expect(\" \", rule)) return false;", "  if (!expect(...)) return false;"),
            ("  if (a() && !(b || c()) && d) {", "  if (a(...) && !... || c(...) && ...) {"),
            ("  const bool more = co_await connection_.fill();", "  ... = co_await fill(...);"),
            ("  } else if (is_last) {", "  } else if (...) {"),
            ("  throw Error(400, rule);", "  throw ...;"),
            ("  ++count;", "  ...;"),
            ("  // A comment is told.", "  // A comment is told."),
            ("}", "}"),
            ("int main() {", "int main() {"),
        ):
            self.assertEqual(hint.shape_of(line), shape)

    def test_what_is_declared(self):
        for part, declared in (
            ("// Doubles.\nint twice(int n) {\n  return 2 * n;\n}", ["// Doubles.", "int twice(int n)"]),
            ("bool is_even(int n) { return n % 2 == 0; }", ["bool is_even(int n)"]),
            ("class A {\n public:\n  int b() {\n    return 1;\n  }\n};", ["class A", " public:",
             "  int b();", "};"]),
            ("constexpr int most =\n    4;", ["constexpr int most"]),
        ):
            self.assertEqual(hint.declaration_of(part), declared)

    def test_one_thing_more_each_time_and_a_number_chooses(self):
        with tempfile.TemporaryDirectory() as folder:
            seen = pathlib.Path(folder, "new/seen")
            for which in (1, 2, 3, 3):
                status, text = said("2.6", "--seen", seen)
                self.assertEqual((status, f"hint {which} of 3" in text), (0, True), text)
            self.assertIn("./workshop solution 2.6", text)
            self.assertIn("hint 1 of 3", said("2.6", "1", "--seen", seen)[1])
            self.assertIn("hint 1 of 3", said("2.7", "--seen", seen)[1])

    def test_a_move_by_its_names_its_declarations_and_its_shape(self):
        names, declarations, shape = (said("2.6", n)[1] for n in (1, 2, 3))
        self.assertIn("    new     parse_version(), ", names)
        self.assertIn("    change  parse_request(), ", names)
        self.assertNotIn("Scanner& in", names)
        self.assertIn("    bool parse_version(Scanner& in, Request& request)\n", declarations)
        self.assertNotIn("return", declarations)
        self.assertIn("  +   if (!expect_line_end(...)) return false;\n", shape)
        self.assertNotIn("HTTP/", shape.replace("HTTP-version = \"HTTP\" \"/\"", ""))

    def test_each_line_to_type_is_in_a_hint(self):
        outside = re.compile(r"^(#.*|}  // .*|namespace .*|//.*|\s*)$")
        for step in series.steps():
            states = series.states_of(step)
            for number in range(1, len(states)):
                hints = hint.Hints(f"{step.name[5]}.{number}", states)
                shown = {(file, line) for file, _, _, new in hints.parts for line in new}
                for file, added in hint.added_lines(hints.move.patch).items():
                    if not file.endswith((".cpp", ".hpp")) or file in hints.move.taken_over:
                        continue
                    lines = hints.after.get(file, b"").decode().splitlines()
                    missed = [lines[n - 1] for n in added if (file, n) not in shown
                              and not outside.match(lines[n - 1])]
                    copied = [name for name in hints.move.taken_over if name.startswith(f"{file}#")]
                    self.assertTrue(copied or not missed, f"{hints.number} {file}: {missed}")
                self.assertEqual([len(text) > 0 for text in hints.all()], [True] * 3)

    def test_what_is_no_move(self):
        for number, words in (("2", "a hint is for a move"), ("2.77", "step 2 has moves 1 to"),
                              ("9.1", "there is no step or move '9.1'")):
            status, text = said(number)
            self.assertEqual(status, 1)
            self.assertIn(words, text)


if __name__ == "__main__":
    unittest.main()
