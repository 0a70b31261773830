"""The teacher's pages: the map of the standards leads to functions that are there, the glossary is
in order, and the plans add up.

  teaching_test.py REPOSITORY
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(ROOT / "tests/checks/selftest"), str(ROOT / "tests/ladder")]

import ladder
from look_at import problem

ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| `([^`|]+)` in (\S+) \| (\d\d) \|$")


def rows(text):
    """The rows of all tables, without their heads: (section, rule, function, file, step)."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    lines = [line for line in lines if not line.startswith("| section |")]
    return [(line, ROW.match(line)) for line in lines]


def is_unchanged(file, step):
    """Whether a step has a file as the step before has it."""
    before, now = ([*ROOT.glob(f"step0{n}_*/src/{file}")] for n in (step - 1, step))
    return bool(before) and before[0].read_bytes() == now[0].read_bytes()


def faults(text):
    """Yields a sentence for each row that leads nowhere, or not to the step it was first in."""
    for line, match in rows(text):
        if not match:
            yield f"this is no row: {line}"
            continue
        section, _, function, file, step = match.groups()
        place = f"{function} in {file}"
        reason = problem(f"step{step}", place, ROOT)
        if reason:
            yield f"{section}: {place}: {reason}"
        elif is_unchanged(file, int(step)):
            yield f"{section}: {place} is the same before step {step}"


class TeachingTest(unittest.TestCase):
    def read(self, name):
        return (ROOT / "teaching" / name).read_text()

    def test_the_map_leads_to_functions_that_are_there(self):
        text = self.read("standards.md")
        self.assertEqual(list(faults(text)), [])
        self.assertGreater(len(rows(text)), 60)
        for heading in ("9112", "9110", "3986", "6455", "7692", "ASGI"):
            self.assertRegex(text, rf"(?m)^## .*{heading}")

    def test_a_row_that_leads_nowhere_is_seen(self):
        def fault(row):
            return "".join(faults(row))

        good = "| 2.3 | a rule | `parse_version()` in http/request.cpp | 02 |"
        self.assertEqual(fault(good), "")
        self.assertIn("there is no parse_vision()", fault(good.replace("version", "vision")))
        self.assertIn("there is no step02_*/src/http/reply", fault(good.replace("quest", "ply")))
        self.assertIn("is the same before step 04", fault(good.replace("02", "04")))
        self.assertIn("this is no row", fault(good.replace("`", "")))

    def test_the_glossary_is_in_order_and_each_word_has_its_step(self):
        entries = re.findall(r"^\*\*(.+?)\*\*: (.+?)(?=\n\n|\n?\Z)", self.read("glossary.md"),
                             re.M | re.S)
        words = [word.lower().replace("()", "") for word, _ in entries]
        self.assertEqual(words, sorted(words))
        self.assertGreater(len(words), 40)
        for word, text in entries:
            self.assertRegex(text, r"\((0[1-6](, )?)+\)$", word)

    def test_a_chapter_leads_to_each_new_file(self):
        for step, declared in ladder.read_manifest(ROOT / "tests/ladder/ladder.ini").items():
            links = re.findall(r"\]\(([^)]+)\.\w+\)", (ROOT / step / "README.md").read_text())
            stems = {file.rpartition(".")[0] for file in declared["new"] if file.startswith("src/")}
            self.assertEqual(sorted(stems - set(links)), [], f"{step} has no link to these")

    def test_what_a_chapter_names_is_there(self):
        before = ""  # a chapter may name what is gone
        for step in sorted(ROOT.glob("step[0-9][0-9]_*")):
            text = re.sub(r"(?ms)^ *```.*?^ *```$", "", (step / "README.md").read_text())
            text = re.sub(r"(?ms)^### Move .*?(?=^#{1,3} )", "", text)  # tests/moves looks at these
            code = "\n".join(path.read_text() for path in step.rglob("src/**/*.?pp"))
            names = set(re.findall(r"`(\w+(?:::\w+)?)\(\)`", text))
            self.assertGreater(len(names), 10, step.name)
            for name in {name for name in names if not name.startswith("std::")}:
                called = rf"\b{name.split('::')[-1]}\("
                self.assertTrue(re.search(called, code + before), f"{step.name}: {name}()")
            before = code

    def test_each_part_of_a_plan_begins_when_the_one_before_ends(self):
        for plan in re.findall(r"\| at \| minutes.*?(?=\n\n)", self.read("README.md"), re.S):
            parts = re.findall(r"^\| (\d+):(\d\d) \| (\d+) \|", plan, re.M)
            for (hour, minute, length), (next_hour, next_minute, _) in zip(parts, parts[1:]):
                begin = int(hour) * 60 + int(minute)
                self.assertEqual(begin + int(length), int(next_hour) * 60 + int(next_minute), plan)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
