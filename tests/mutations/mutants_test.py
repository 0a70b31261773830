"""Tests of mutants.py and judge.py, and that each explanation still explains something.

  mutants_test.py REPOSITORY
"""

import pathlib
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "patched"))
import judge  # noqa: E402
import mutants  # noqa: E402
import mutate  # noqa: E402
import patched  # noqa: E402

SOURCE = pathlib.Path(sys.argv[1]) / mutate.STEP / "src"


def changes(line, around="bool f() {{\n  {}\n}}\n"):
    """What one line of a function can become."""
    return [mutant.new for mutant in mutants.find_mutants("x.cpp", around.format(line))]


class Mutants(unittest.TestCase):
    def test_operators(self):
        for old, new in [("a < b", "a <= b"), ("a == b", "a != b"), ("a && b", "a || b"),
                         ("a + b", "a - b"), ("a >> 8", "a << 8"), ("a & b", "a | b")]:
            self.assertIn(f"x = {new};", changes(f"x = {old};"))

    def test_what_only_looks_like_an_operator(self):
        for line in ["std::vector<char> x;", "char* const x;", "std::string&& x;", "return *x;"]:
            self.assertEqual([new for new in changes(line) if "!(" not in new], [])

    def test_a_moment_more_or_less(self):
        self.assertNotIn("x = now > end;", changes("x = now >= end;"))

    def test_conditions(self):
        self.assertEqual(changes("if (a.b()) c();"), ["if (!(a.b())) c();", "if (true) c();",
                                                      "if (a.b()) {}"])
        self.assertIn("if (false) {", changes("if (a) {\n  } else {\n  }"))
        self.assertIn("while (false) c();", changes("while (!a) c();"))

    def test_statements(self):
        for line, new in [("throw X(y);", "{}"), ("a.b(c,\n    d);", "{}"), ("x->y = z;", "{}"),
                          ("else a();", "else {}"), ("if (a) return;", "if (a) {}"), ("++i;", "{}"),
                          ("co_await a.b();", "{}"), ("case x: a(); break;", "case x: a(); {}")]:
            self.assertIn(new, changes(line))

    def test_declarations_stay(self):
        for line in ["int x = y;", "const X x(y);", "using a::b;", "return x;", "X x;"]:
            self.assertNotIn("{}", changes(line))
        self.assertEqual(changes("X(int x);", "class X {{\n  {}\n}};\n"), [])

    def test_values(self):
        self.assertIn("f(1, 8);", changes("f(0, 8);"))
        self.assertIn("x = 128 * 1024;", changes("x = 64 * 1024;"))
        self.assertIn("x = 0x81;", changes("x = 0x80;"))
        self.assertIn('f("xclose");', changes('f("close");'))
        self.assertIn('f("\\n");', changes('f("\\r\\n");'))
        self.assertIn("x_ = false;", changes("x_ = true;"))
        self.assertIn("x = c ? b : a;", changes("x = c ? a : b;"))
        self.assertIn("x = f_;", changes("x = std::exchange(f_, 0);"))

    def test_what_a_function_returns(self):
        self.assertIn("return !(a || b);", changes("return a || b;"))
        self.assertNotIn("return !(a);", changes("return a;", "int f() {{\n  {}\n}}\n"))

    def test_neither_comments_nor_texts(self):
        for line in ["// a && b", "/* 1 + 1; f(); */", '#include "a + b"', 'X x("a < b is 1");',
                     "X x('+');", 'X x(R"(a == b; 5)");']:
            self.assertEqual(changes(line), [])
        self.assertNotIn('log_line("xclose");', changes('log_line("close");'))

    def test_the_same_line_twice(self):
        found = mutants.find_mutants("x.cpp", "void f() {\n  g();\n  g();\n}\n")
        self.assertEqual([(mutant.line, mutant.nth) for mutant in found], [(2, 0), (3, 1)])
        self.assertNotEqual(found[0].name, found[1].name)
        self.assertEqual(found[1].apply("void f() {\n  g();\n  g();\n}\n"),
                         "void f() {\n  g();\n  {}\n}\n")


class Draw(unittest.TestCase):
    def test_every_file_has_its_share(self):
        drawn = mutants.draw(SOURCE, 120, "1")
        self.assertGreaterEqual(len(drawn), 120)
        for path in SOURCE.rglob("*.[ch]pp"):
            file = str(path.relative_to(SOURCE))
            if mutants.find_mutants(file, path.read_text()):
                self.assertIn(file, {mutant.file for mutant in drawn})

    def test_a_seed_draws_the_same_and_another_one_others(self):
        first, again, other = (mutants.draw(SOURCE, 120, seed) for seed in ("1", "1", "2"))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)

    def test_more_are_the_same_and_more(self):
        names = {mutant.name for mutant in mutants.draw(SOURCE, 240, "1")}
        self.assertLess({mutant.name for mutant in mutants.draw(SOURCE, 120, "1")}, names)

    def test_each_explanation_explains_a_mutant(self):
        for file, old, new in mutate.read_explained():
            found = mutants.find_mutants(file, (SOURCE / file).read_text())
            self.assertIn((old, new), {(mutant.old, mutant.new) for mutant in found})


def ends_soon(stat):
    """Whether a process, of which this is the file in /proc, ends within five seconds."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            if stat.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
    return False


class Judge(unittest.TestCase):
    STEP = pathlib.Path("/x/step05_websocket")

    def complaint(self, script, seconds=20):
        test = judge.Test({"name": "step05.x", "command": ["sh", "-c", script], "properties": []})
        test.longest = seconds
        return test.run({})

    def test_a_test_passes_fails_or_hangs(self):
        self.assertIsNone(self.complaint("true"))
        self.assertEqual(self.complaint("echo '  FAIL  a rule'; echo; false"), "a rule")
        self.assertEqual(self.complaint("sleep 60", 1), "not done after 1 s")

    def test_one_case_of_a_test(self):
        def only(name, program, case):
            test = judge.Test({"name": name, "command": [program], "properties": []})
            return test.to_first_failure() + test.only_that(case)

        self.assertEqual(only("step05.checks", "/b/checks", "one, two"),
                         ["--first", "-tc=one\\, two"])
        self.assertEqual(only("step05.units", "/b/units_step05", "a case"),
                         ["--abort-after=1", "-tc=a case"])
        self.assertEqual(only("step05.page", "python3", "test_x (__main__.Page.test_x) [1]"),
                         ["--failfast", "Page.test_x"])
        self.assertEqual(only("step05.soak", "python3", "whatever"), [])

    def test_what_fails_on_the_step_as_it_is_is_the_machines(self):
        class Original:
            def __init__(self, *complaints):
                self.complaints = list(complaints)

            def complaint(self, _, only=None):
                return self.complaints.pop(0)

        self.assertTrue(judge.fails_too(None, Original("a rule", "another rule"), "a rule"))
        self.assertFalse(judge.fails_too(None, Original(None), "a rule"))
        self.assertFalse(judge.fails_too(None, Original("no such case", None), "a rule"))
        self.assertFalse(judge.fails_too(None, Original(None), f"{judge.HANGS} after 1 s"))

    def test_nothing_that_a_test_started_is_left(self):
        with tempfile.TemporaryDirectory() as scratch:
            left = pathlib.Path(scratch, "left")
            self.complaint(f"setsid -f true; sleep 60 & echo $! >{left}")
            self.assertTrue(ends_soon(pathlib.Path("/proc", left.read_text().strip(), "stat")))

    def test_a_program_is_linked_with_the_changed_objects(self):
        changed = {pathlib.Path("src/a.cpp"): "/t/a.o", pathlib.Path("src/main.cpp"): "/t/main.o"}
        own = ["c++", "step05_websocket/CMakeFiles/x.dir/src/main.cpp.o", "-o", "x",
               "step05_websocket/libstep05_websocket_server.a"]
        self.assertEqual(patched.with_objects(own, changed, self.STEP),
                         ["c++", "/t/a.o", "/t/main.o", "-o", "x", own[4]])
        units = ["c++", "tests/units.dir/__/__/step05_websocket/src/a.cpp.o", "-o", "units"]
        self.assertEqual(patched.with_objects(units, changed, self.STEP),
                         ["c++", "/t/a.o", "-o", "units"])
        other = {pathlib.Path("src/b.cpp"): "/t/b.o"}
        self.assertIsNone(patched.with_objects(units, other, self.STEP))


unittest.main(argv=sys.argv[:1])
