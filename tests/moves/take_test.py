"""What `./workshop take` puts into a student's program, and what it leaves alone."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import series  # noqa: E402
import take  # noqa: E402


class TakeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def take(self, number):
        """Returns the exit status, and what is printed."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status = take.take(number, self.folder)
        return status, said.getvalue()

    def begin(self, number):
        """Writes the state before a move; returns that after it, and the move."""
        step, position = series.parse(number)
        move = series.moves_of(step)[position - 1]
        before, after = series.states_of(step, moves=series.moves_of(step)[:position])[-2:]
        series.write(before, self.folder)
        return after, move

    def test_each_move_of_each_step_gives_what_it_says(self):
        for step in series.steps():
            moves, states = series.moves_of(step), series.states_of(step)
            for position, move in enumerate(moves, 1):
                series.write(states[position - 1], self.folder)
                with self.subTest(step.name + move.name), contextlib.redirect_stdout(None):
                    self.assertTrue(take.take_over(move, *states[position - 1:position + 1],
                                                   self.folder))
                    now = series.read(self.folder)
                    for name in move.taken_over:
                        if "#" not in name:
                            self.assertEqual(now[name], states[position][name])

    def test_nothing_else_changes(self):
        after, move = self.begin("3.4")
        before = series.read(self.folder)
        self.take("3.4")
        changed = {name for name, text in series.read(self.folder).items() if before.get(name) != text}
        self.assertEqual(changed, set(move.taken_over))

    def test_what_a_student_has_added_stays(self):
        after, _ = self.begin("3.4")
        header = self.folder / "src/connection.hpp"
        header.write_text("// mine\n" + header.read_text())
        status, said = self.take("3.4")
        self.assertEqual(status, 0)
        self.assertIn("src/connection.hpp", said)
        self.assertIn("is merged with yours", said)
        self.assertEqual(header.read_bytes(), b"// mine\n" + after["src/connection.hpp"])

    def test_lines_that_both_have_changed_are_left_and_said(self):
        self.begin("3.4")
        header = self.folder / "src/connection.hpp"
        text = "\n".join(f"// {line}" for line in header.read_text().splitlines()) + "\n"
        header.write_text(text)
        status, said = self.take("3.4")
        self.assertEqual(status, 1)
        self.assertIn("is left as it is", said)
        self.assertIn("\nIt adds this:\n", said)
        self.assertIn("  void shrink();\n", said)
        self.assertEqual(header.read_text(), text)

    def test_a_second_time_changes_nothing(self):
        self.begin("3.4")
        self.take("3.4")
        first = series.read(self.folder)
        status, said = self.take("3.4")
        self.assertEqual(status, 0)
        self.assertIn("is there already", said)
        self.assertEqual(series.read(self.folder), first)

    def test_a_part_of_a_file_is_shown(self):
        number = next(f"{int(step.name[4:6])}.{position}" for step in series.steps()
                      for position, move in enumerate(series.moves_of(step), 1)
                      if any("#" in name for name in move.taken_over))
        after, _ = self.begin(number)
        self.assertIn("put this there", self.take(number)[1])
        series.write(after, self.folder)
        said = self.take(number)[1]
        self.assertNotIn("put this there", said)
        self.assertIn("has it already", said)


if __name__ == "__main__":
    unittest.main()
