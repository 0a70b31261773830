"""Each way in which a step can break the ladder's manifest is seen to fail."""

import contextlib
import io
import pathlib
import sys
import unittest

import ladder

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from folder import FolderTest  # noqa: E402

MANIFEST = """
[step01_one]
files =
  + CMakeLists.txt
  + src/main.cpp
[step02_two]
deleted = 1
files =
  + src/http/error.hpp
  ~ src/main.cpp
"""
STEPS = {
    "step01_one/CMakeLists.txt": "project(step)\n",
    "step01_one/README.md": "One.\n",
    "step01_one/src/main.cpp": "a\nb\nc\n",
    "step02_two/CMakeLists.txt": "project(step)\n",
    "step02_two/README.md": "Two.\n",
    "step02_two/src/main.cpp": "a\nB\nc\nd\n",
    "step02_two/src/http/error.hpp": "e\n",
}


class LadderTest(FolderTest):
    files = STEPS

    def check(self, manifest=MANIFEST):
        """Returns the faults; what was printed is kept in self.printed."""
        (self.root / "ladder.ini").write_text(manifest)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            faults = ladder.check(self.root, ladder.read_manifest(self.root / "ladder.ini"))
        self.printed = printed.getvalue()
        return faults

    def test_an_honest_ladder_has_no_fault_and_its_totals_are_printed(self):
        self.assertEqual(self.check(), [])
        self.assertIn("step01_one             2 files     3 lines of src  +4 -0\n", self.printed)
        self.assertIn("step02_two             3 files     5 lines of src  +3 -1\n", self.printed)

    def test_changed_but_not_declared(self):
        self.write("step02_two/CMakeLists.txt", "project(step)\nmore\n")
        self.assertEqual(
            self.check(), ["step02_two: CMakeLists.txt has changed, and is not declared as changed"]
        )

    def test_declared_as_changed_but_the_same(self):
        self.write("step02_two/src/main.cpp", STEPS["step01_one/src/main.cpp"])
        self.assertEqual(
            self.check(),
            ["step02_two: src/main.cpp is declared as changed, and is the same as before"],
        )

    def test_declared_as_changed_but_in_neither_step(self):
        manifest = MANIFEST.replace("~ ", "~ src/server.cpp ")
        self.assertEqual(
            self.check(manifest),
            ["step02_two: src/server.cpp is declared as changed, and is not in both steps"],
        )

    def test_new_but_not_declared(self):
        self.write("step02_two/src/http/body.hpp", "b\n")
        self.assertEqual(
            self.check(), ["step02_two: src/http/body.hpp is new, and not declared as new"]
        )

    def test_declared_as_new_but_missing(self):
        (self.root / "step02_two/src/http/error.hpp").unlink()
        self.assertEqual(
            self.check(), ["step02_two: src/http/error.hpp is declared as new, and missing"]
        )

    def test_declared_as_new_but_there_before(self):
        manifest = MANIFEST.replace("~ src/main.cpp", "+ src/main.cpp")
        self.assertEqual(
            self.check(manifest),
            [
                "step02_two: src/main.cpp is declared as new, and was there before",
                "step02_two: src/main.cpp has changed, and is not declared as changed",
            ],
        )

    def test_a_file_that_is_gone(self):
        (self.root / "step02_two/CMakeLists.txt").unlink()
        self.assertEqual(
            self.check(),
            ["step02_two: CMakeLists.txt is gone: a step keeps what the one before it has"],
        )

    def test_a_file_to_which_lines_are_added_only(self):
        manifest = MANIFEST.replace("deleted = 1", "deleted = 1\nonly_added = src/main.cpp")
        self.assertEqual(
            self.check(manifest),
            ["step02_two: src/main.cpp loses 1 lines, and is declared to have lines added only"],
        )
        self.write("step02_two/src/main.cpp", "a\nb\nnew\nc\n")
        self.assertEqual(self.check(manifest), [])

    def test_too_many_deleted_lines(self):
        self.write("step02_two/src/main.cpp", "a\n")
        self.assertEqual(
            self.check(), ["step02_two: 2 lines are deleted, at most 1 are declared"]
        )

    def test_a_symbolic_link(self):
        (self.root / "step02_two/src/link.hpp").symlink_to("main.cpp")
        self.assertEqual(
            self.check(),
            ["step02_two: src/link.hpp is a symbolic link: a step is a real copy"],
        )

    def test_a_step_that_the_manifest_does_not_know(self):
        self.write("step03_three/src/main.cpp", "a\n")
        self.assertEqual(self.check(), ["step03_three is not in the manifest"])

    def test_another_order_than_the_chapters(self):
        chapter = "## The code, in the order to read it\n\n1. [a](src/main.cpp)\n"
        self.write("step02_two/README.md", chapter + "2. [b](src/http/error.hpp)\n## Next\n")
        self.assertEqual(
            self.check(),
            ["step02_two: the manifest has src/http/error where the chapter reads src/main"],
        )
        self.write("step02_two/README.md", "[b](src/http/error.hpp)\n" + chapter)
        self.assertEqual(self.check(), [])

    def test_no_step_at_all(self):
        empty = self.root / "empty"
        empty.mkdir()
        self.assertEqual(ladder.check(empty, {}), [f"there is no step in {empty}"])


if __name__ == "__main__":
    unittest.main()
