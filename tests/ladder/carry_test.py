"""A change is carried to the later steps, or stops where a person has to decide."""

import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from folder import FolderTest  # noqa: E402

CARRY = pathlib.Path(__file__).resolve().parent / "carry.py"
ONE = "a\nb\nc\nd\ne\nf\ng\nh\n"
STEPS = {
    "step01_one/README.md": "One.\n",
    "step01_one/src/main.cpp": ONE,
    "step01_one/src/same.cpp": "same\n",
    "step02_two/README.md": "Two.\n",
    "step02_two/src/main.cpp": ONE.replace("h", "H"),
    "step02_two/src/same.cpp": "same\n",
    "step03_three/README.md": "Three.\n",
    "step03_three/src/main.cpp": ONE.replace("h", "H\ni").replace("d", "D"),
    "step03_three/src/same.cpp": "same\n",
}


class CarryTest(FolderTest):
    files = STEPS

    def setUp(self):
        super().setUp()
        self.git("init", "-q")
        self.commit()

    def git(self, *arguments):
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=self.root, check=True)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "steps")

    def edit(self, name, old, new):
        self.write(name, self.read(name).replace(old, new))

    def carry(self, *arguments):
        """Returns the exit status, the lines of standard output, and standard error."""
        done = subprocess.run(
            [sys.executable, CARRY, *arguments], cwd=self.root, capture_output=True, text=True
        )
        return done.returncode, done.stdout.splitlines(), done.stderr

    def test_a_change_is_merged_with_what_each_step_has(self):
        self.edit("step01_one/src/main.cpp", "a\n", "A\n")
        status, lines, _ = self.carry("step01_one")
        self.assertEqual((status, lines[-1]), (0, "carried to 2 steps"))
        self.assertEqual(lines[0].split(), ["step02_two", "src/main.cpp", "merged"])
        self.assertEqual(self.read("step02_two/src/main.cpp"), "A\nb\nc\nd\ne\nf\ng\nH\n")
        self.assertEqual(self.read("step03_three/src/main.cpp"), "A\nb\nc\nD\ne\nf\ng\nH\ni\n")

    def test_twice_is_as_once(self):
        self.edit("step01_one/src/main.cpp", "a\n", "A\n")
        self.carry("step01_one")
        before = self.read("step03_three/src/main.cpp")
        status, lines, _ = self.carry("step01_one")
        self.assertEqual((status, lines), (0, ["every later step has this change already"]))
        self.assertEqual(self.read("step03_three/src/main.cpp"), before)

    def test_nothing_to_carry(self):
        self.edit("step01_one/README.md", "One", "Another chapter")
        self.edit("step03_three/src/same.cpp", "same", "another step")
        status, lines, _ = self.carry("step01_one")
        self.assertEqual(
            (status, lines), (0, ["nothing to carry: step01_one is as it was committed (HEAD)"])
        )
        self.assertEqual(self.read("step02_two/README.md"), "Two.\n")

    def test_a_conflict_stops_with_markers_and_goes_on_from_there_when_mended(self):
        self.edit("step01_one/src/main.cpp", "h", "x")
        self.edit("step01_one/src/same.cpp", "same", "other")
        status, lines, _ = self.carry("step01_one/")
        self.assertEqual(status, 1)
        self.assertEqual(lines[0].split(), ["step02_two", "src/main.cpp", "conflict"])
        self.assertEqual(
            lines[-2:],
            [
                "conflict in step02_two: src/main.cpp has both changes, between <<<<<<< and >>>>>>>",
                "Mend it, then carry on: ./workshop carry 2",
            ],
        )
        self.assertIn(
            "<<<<<<< step02_two\nH\n=======\nx\n>>>>>>> step01_one, changed\n",
            self.read("step02_two/src/main.cpp"),
        )
        self.assertEqual(self.read("step02_two/src/same.cpp"), "other\n")
        self.assertEqual(self.read("step03_three/src/same.cpp"), "same\n")

        status, _, error = self.carry("step02_two")  # too early
        self.assertEqual(status, 1)
        self.assertIn("step02_two/src/main.cpp has markers of a conflict still", error)

        self.write("step02_two/src/main.cpp", ONE.replace("h", "H").replace("a", "X"))
        self.assertEqual(self.carry("step02_two")[0], 0)
        self.assertEqual(self.read("step03_three/src/main.cpp"), "X\nb\nc\nD\ne\nf\ng\nH\ni\n")
        self.assertEqual(self.read("step03_three/src/same.cpp"), "other\n")

    def test_a_new_file_in_a_new_folder(self):
        self.write("step01_one/src/http/new.hpp", "new\n")
        status, lines, _ = self.carry("step01_one")
        self.assertEqual(status, 0)
        self.assertEqual(lines[0].split(), ["step02_two", "src/http/new.hpp", "new"])
        self.assertEqual(self.read("step03_three/src/http/new.hpp"), "new\n")

    def test_a_new_file_whose_name_is_taken(self):
        self.write("step02_two/src/new.hpp", "mine\n")
        self.write("step01_one/src/new.hpp", "yours\n")
        self.assertEqual(self.carry("step01_one")[0], 1)
        self.assertIn("mine\n=======\nyours\n", self.read("step02_two/src/new.hpp"))

    def test_a_deleted_file(self):
        (self.root / "step02_two/src/same.cpp").unlink()
        status, lines, _ = self.carry("step02_two")
        self.assertEqual((status, lines[-1]), (0, "carried to 1 step"))
        self.assertFalse((self.root / "step03_three/src/same.cpp").exists())
        self.assertTrue((self.root / "step01_one/src/same.cpp").exists())

    def test_a_deleted_file_that_a_later_step_has_changed_is_kept(self):
        (self.root / "step01_one/src/main.cpp").unlink()
        status, lines, _ = self.carry("step01_one")
        self.assertEqual(status, 1)
        self.assertIn("src/main.cpp is not the same here: is it still needed?", lines[0])
        self.assertTrue((self.root / "step02_two/src/main.cpp").exists())

    def test_a_change_to_a_file_that_a_later_step_has_lost(self):
        (self.root / "step03_three/src/main.cpp").unlink()
        self.edit("step02_two/src/main.cpp", "a\n", "A\n")
        status, lines, _ = self.carry("step02_two")
        self.assertEqual(status, 1)
        self.assertIn("src/main.cpp is not here", lines[0])

    def test_a_file_that_is_no_text_is_left_alone(self):
        for step in ("step01_one", "step02_two", "step03_three"):
            (self.root / step / "src/image").write_bytes(b"\0" + step.encode())
        self.commit()
        (self.root / "step01_one/src/image").write_bytes(b"\0changed")
        status, lines, _ = self.carry("step01_one")
        self.assertEqual(status, 1)
        self.assertIn("src/image is no text: merge it by hand", lines[0])
        self.assertEqual((self.root / "step02_two/src/image").read_bytes(), b"\0step02_two")

    def test_a_change_that_is_committed_already(self):
        self.edit("step01_one/src/main.cpp", "a\n", "A\n")
        self.commit()
        self.assertIn("nothing to carry", self.carry("step01_one")[1][0])
        self.assertEqual(self.carry("step01_one", "HEAD~1")[0], 0)
        self.assertTrue(self.read("step03_three/src/main.cpp").startswith("A\n"))

    def test_what_cannot_be_carried_is_refused(self):
        self.edit("step03_three/src/main.cpp", "a\n", "A\n")
        status, _, error = self.carry("step03_three")
        self.assertEqual((status, error.count("\n")), (1, 1))
        self.assertIn("step03_three is the last step", error)
        status, _, error = self.carry("step01_one", "no-such-commit")
        self.assertEqual(status, 1)
        self.assertIn("no-such-commit", error)


if __name__ == "__main__":
    unittest.main()
