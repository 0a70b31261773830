"""Who builds step 02 as its chapter says, part by part, has a program after each, and step 02 at
the end.

  walk_test.py REPOSITORY BUILD CHECKS
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD, CHECKS = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
sys.path.insert(0, str(ROOT / "tests/patched"))

import patched

FROM, TO = ROOT / "step01_tcp_echo", ROOT / "step02_http_parse"
# "first with a respond() that always answers Hello, World!"
WHOLE_RESPOND = re.compile(r"Response respond\(.*?\n}\n", re.S)
FIRST_RESPOND = """Response respond(const http::Request&) {
  Response response;
  response.content = "Hello, World!";
  return response;
}
"""


def parts():
    """The files that each part of the chapter links to."""
    text = (TO / "README.md").read_text()
    section = text.partition("## Build it yourself\n")[2].partition("\n## ")[0]
    items = re.split(r"^\d\. ", section, flags=re.M)[1:]
    return [re.findall(r"\]\((src/[^)]+)\)", item) for item in items]


def failures(program, step):
    """How many checks of a step a program passes and fails."""
    command = f"{program} --port {{port}} {{options}}"
    words = [CHECKS, "--server", command, "--step", step]
    last = subprocess.run(words, stdout=subprocess.PIPE, text=True).stdout.splitlines()[-1]
    return [int(number) for number in re.match(r"(\d+) passed, (\d+) failed", last).groups()]


class WalkTest(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tree = patched.copy_step(FROM, scratch.name)

    def add(self, files):
        for file in files:
            (self.tree / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TO / file, self.tree / file)

    def build(self):
        return patched.build(self.tree, FROM, BUILD)

    def test_it_compiles_after_each_part_and_passes_after_the_last(self):
        grammar, request, response, session, main = parts()
        for part in (grammar, request):
            self.add(part)
            self.build()
        self.add(response)
        self.assertEqual(failures(self.build(), "1")[1], 0)  # still an echo

        self.add(session)
        whole = (self.tree / "src/session.cpp").read_text()
        first, count = WHOLE_RESPOND.subn(FIRST_RESPOND, whole)
        self.assertEqual(count, 1)
        (self.tree / "src/session.cpp").write_text(first)
        passed, failed = failures(self.build(), "2")
        self.assertGreater(passed, failed)  # most of them
        self.assertGreater(failed, 0)

        self.add(session + main)
        self.assertEqual(failures(self.build(), "2")[1], 0)
        for file in sorted(TO.rglob("src/**/*.?pp")):
            mine = self.tree / file.relative_to(TO)
            self.assertEqual(mine.read_text(), file.read_text(), f"no part has {file.name}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
