"""A mend goes through the moves of a step, or stops where a person has to decide."""

import pathlib
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))
import series  # noqa: E402
from folder import FolderTest  # noqa: E402

CARRY = HERE.parent / "ladder/carry.py"
HEAD = "Title: {}\nMinutes: 5\nTake over:\nSee: x\n\n"


def lines(text):
    return "".join(f"{line}\n" for line in text.split())


class CarryMovesTest(FolderTest):
    """Step 1 is a file of eight lines. Step 2 has three moves: naive code comes and goes again, a
    line moves, a file is made."""

    ONE = {"CMakeLists.txt": "cmake\n", "src/main.cpp": lines("a b c d e f g h")}
    STATES = [
        {"src/main.cpp": lines("a b c naive d e f g h")},
        {"src/main.cpp": lines("a b c naive d e f g h x1 x2 x3 end"), "src/made.hpp": lines("m n o")},
        {"src/main.cpp": lines("a b c d e f x1 x2 x3 g h end final"), "src/made.hpp": lines("m n o p")},
    ]

    def setUp(self):
        super().setUp()
        for name, text in self.ONE.items():
            self.write(f"step01_one/{name}", text)
        states = [{**self.ONE, **state} for state in self.STATES]
        for name, text in states[-1].items():
            self.write(f"step02_two/{name}", text)
        before = self.encoded(self.ONE)
        for number, state in enumerate(map(self.encoded, states), 1):
            self.write(f"step02_two/moves/{number}_m.patch",
                       HEAD.format(number) + series.difference(before, state))
            before = state
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "steps")

    @staticmethod
    def encoded(state):
        return {name: text.encode() for name, text in state.items()}

    def git(self, *arguments):
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=self.root, check=True)

    def edit(self, name, old, new):
        self.write(name, self.read(name).replace(old, new))

    def carry(self, *arguments):
        done = subprocess.run([sys.executable, "-B", CARRY, *arguments], cwd=self.root,
                              capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def states(self, name="src/main.cpp"):
        """Returns a file in each state of step 2, that before the first move too."""
        found = series.states_of(pathlib.Path(self.root, "step02_two"))
        return [state.get(name, b"").decode().replace("\n", " ").strip() for state in found]

    def test_a_mend_of_the_step_before_is_in_each_state(self):
        self.edit("step01_one/src/main.cpp", "a\n", "A\n")
        status, _, errors = self.carry("step01_one")
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(self.states(), [
            "A b c d e f g h", "A b c naive d e f g h",
            "A b c naive d e f g h x1 x2 x3 end", "A b c d e f x1 x2 x3 g h end final"])

    def test_a_mend_enters_at_the_first_move_that_has_its_lines(self):
        self.edit("step02_two/src/main.cpp", "x2\n", "X2\n")
        status, out, _ = self.carry("step02_two")
        self.assertEqual(status, 0, out)
        self.assertEqual(self.states()[1:], [
            "a b c naive d e f g h", "a b c naive d e f g h x1 X2 x3 end",
            "a b c d e f x1 X2 x3 g h end final"])

    def test_each_part_of_a_mend_enters_by_itself(self):
        self.edit("step02_two/src/main.cpp", "x2\n", "X2\n")
        self.edit("step02_two/src/main.cpp", "a\n", "A\n")
        self.assertEqual(self.carry("step02_two")[0], 0)
        self.assertEqual(self.states()[1:], [
            "A b c naive d e f g h", "A b c naive d e f g h x1 X2 x3 end",
            "A b c d e f x1 X2 x3 g h end final"])

    def test_a_file_that_a_later_move_makes(self):
        self.edit("step02_two/src/made.hpp", "n\n", "N\n")
        self.assertEqual(self.carry("step02_two")[0], 0)
        self.assertEqual(self.states("src/made.hpp"), ["", "", "m N o", "m N o p"])

    def test_a_new_file_comes_with_what_includes_it(self):
        self.write("step02_two/src/new.hpp", "new\n")
        self.edit("step02_two/src/made.hpp", "m\n", '#include "new.hpp"\nm\n')
        self.assertEqual(self.carry("step02_two")[0], 0)
        self.assertEqual(self.states("src/new.hpp"), ["", "", "new", "new"])

    def test_a_mend_of_naive_code_that_is_gone(self):
        self.edit("step01_one/src/main.cpp", "c\nd\n", "c\nC\nd\n")
        status, out, _ = self.carry("step01_one")
        self.assertEqual(status, 1)
        self.assertIn("conflict in the moves of step02_two, move_1: mend ", out)

    def test_what_is_resolved_is_remembered_and_nothing_is_written_before(self):
        self.edit("step01_one/src/main.cpp", "c\nd\n", "c\nC\nd\n")
        patches = [path.read_text() for path in self.patches()]
        resolved = 0
        status, out, _ = self.carry("step01_one")
        while status == 1 and resolved < 5:
            self.assertEqual([path.read_text() for path in self.patches()], patches)
            file = pathlib.Path(self.root, out.split("mend ")[1].split(",")[0])
            text = file.read_text()
            ours, theirs = text.split("<<<<<<< ")[0], text.split(">>>>>>> ")[1].partition("\n")[2]
            middle = "C\nnaive\n" if "naive" in text.split("=======")[1] else "C\n"
            file.write_text(ours + middle + theirs)
            resolved += 1
            status, out, _ = self.carry("step01_one")
        self.assertEqual(status, 0, out)
        self.assertGreater(resolved, 0)
        self.assertEqual(self.states()[1], "a b c C naive d e f g h")
        self.assertEqual(self.states()[3], "a b c C d e f x1 x2 x3 g h end final")
        self.assertFalse(pathlib.Path(self.root, "build/moves/carry").exists())

    def patches(self):
        return sorted(pathlib.Path(self.root, "step02_two/moves").glob("*.patch"))

    def test_to_give_up(self):
        self.edit("step01_one/src/main.cpp", "c\nd\n", "c\nC\nd\n")
        self.assertEqual(self.carry("step01_one")[0], 1)
        self.assertEqual(self.carry("--abort")[0], 0)
        self.assertFalse(pathlib.Path(self.root, "build/moves/carry").exists())

    def test_a_step_without_a_change_is_left_alone(self):
        patches = [path.read_text() for path in self.patches()]
        self.edit("step02_two/src/main.cpp", "final\n", "last\n")
        self.assertEqual(self.carry("step02_two")[0], 0)
        self.assertEqual([path.read_text() for path in self.patches()][:2], patches[:2])
        self.assertEqual(self.states()[3], "a b c d e f x1 x2 x3 g h end last")


if __name__ == "__main__":
    unittest.main()
