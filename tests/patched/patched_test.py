"""Tests of patched.py, on the smallest step.

  patched_test.py REPOSITORY BUILD
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import patched

STEP = pathlib.Path(sys.argv[1]) / "step01_tcp_echo"
BUILD = pathlib.Path(sys.argv[2])

PATCH = """diff --git a/step01_tcp_echo/src/added.hpp b/step01_tcp_echo/src/added.hpp
new file mode 100644
--- /dev/null
+++ b/step01_tcp_echo/src/added.hpp
@@ -0,0 +1 @@
+inline const char* added = "an added header";
"""


class Patched(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.scratch = pathlib.Path(directory.name)
        self.tree = patched.copy_step(STEP, self.scratch)

    def write(self, name, text):
        (self.tree / "src" / name).write_text(text)

    def stale(self):
        return [str(file) for file in patched.find_stale(self.tree, STEP)]

    def test_nothing_changed_nothing_stale(self):
        self.assertEqual(self.stale(), [])

    def test_a_header_makes_stale_what_includes_it(self):
        patched.replace_once(self.tree / "src/session.hpp", "#pragma once", "#pragma once\n")
        self.assertIn("src/session.cpp", self.stale())
        self.assertNotIn("src/connection.cpp", self.stale())

    def test_a_header_makes_stale_the_tests_that_include_it(self):
        step = STEP.with_name("step02_http_parse")
        tree = patched.copy_step(step, self.scratch)
        changed = pathlib.Path("src/http/response.hpp")
        with (tree / changed).open("a") as header:
            header.write("[[gnu::used]] inline int added_by_a_test = 1;\n")
        self.assertEqual(patched.changed_headers(tree, step), [changed])
        objects = patched.compile_dependent("tests/units/units_step02", [changed], tree, step, BUILD)
        self.assertEqual(sorted(pathlib.Path(built).name for built in objects),
                         ["phrase_test.cpp.o", "response_test.cpp.o"])
        for built in objects.values():
            self.assertTrue(b"added_by_a_test" in pathlib.Path(built).read_bytes())

    def test_a_page_makes_stale_what_includes_its_string(self):
        step = STEP.with_name("step05_websocket")
        tree = patched.copy_step(step, self.scratch)
        page = tree / "src/demo/page.html"
        page.write_text(page.read_text() + "<!-- added -->")
        patched.write_strings(tree, step)
        self.assertTrue(page.with_suffix(".inc").read_text().endswith('<!-- added -->)text"'))
        self.assertEqual([str(file) for file in patched.find_stale(tree, step)],
                         ["src/demo/page.cpp"])

    def test_flags_are_those_of_the_compiler_and_of_the_program(self):
        self.write("main.cpp", '#include <cstdio>\nint main() { std::puts(WORD); }\n')
        program = patched.build(self.tree, STEP, BUILD, ['-DWORD="from a flag"', "-g"])
        said = subprocess.run([program], capture_output=True, text=True, check=True).stdout
        self.assertEqual(said, "from a flag\n")

    def test_a_text_that_is_not_there_once_is_not_replaced(self):
        for text in ["this is nowhere in the file", "#include"]:
            with self.assertRaisesRegex(patched.Failed, "times, and not once"):
                patched.replace_once(self.tree / "src/main.cpp", text, "")

    def test_a_patch_that_does_not_fit(self):
        patch = self.scratch / "change.patch"
        patch.write_text(PATCH.replace("@@ -0,0 +1 @@\n", "@@ -1 +1 @@\n-what is not there\n"))
        with self.assertRaisesRegex(patched.Failed, "git"):
            patched.apply_patch(self.tree, patch)

    def test_a_patch_and_new_files_end_up_in_the_program(self):
        patch = self.scratch / "change.patch"
        patch.write_text(PATCH)
        patched.apply_patch(self.tree, patch)
        self.write("added.cpp", '#include "added.hpp"\n#include <cstdio>\n'
                   "int main() { std::puts(added); }\n")
        self.write("main.cpp", "")
        program = patched.build(self.tree, STEP, BUILD)
        said = subprocess.run([program], capture_output=True, text=True, check=True).stdout
        self.assertEqual(said, "an added header\n")
        compiled = [file.name for file in self.tree.glob("src/**/*.o")]
        self.assertEqual(sorted(compiled), ["added.cpp.o", "main.cpp.o"])

    def test_what_does_not_compile_says_why(self):
        self.write("main.cpp", "int main() { return nonsense; }\n")
        with self.assertRaisesRegex(patched.Failed, "nonsense"):
            patched.build(self.tree, STEP, BUILD)

    def test_an_unchanged_copy_is_linked_without_compiling(self):
        program = patched.build(self.tree, STEP, BUILD)
        self.assertTrue(os.access(program, os.X_OK))
        self.assertEqual(list(self.tree.glob("src/**/*.o")), [])


unittest.main(argv=sys.argv[:1])
