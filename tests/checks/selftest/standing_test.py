"""What `--standing` writes for the wall of the room, as a form.

  standing_test.py CHECKS
"""

import pathlib
import subprocess
import sys
import unittest
from urllib.parse import parse_qs

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
from folder import FolderTest  # noqa: E402

CHECKS = sys.argv.pop(1)
SERVERS = pathlib.Path(__file__).resolve().parents[2] / "broken_servers"
SOME = ("-tc=echoes what it is sent,says the length of the answer,answers 404 to GET,"
        "answers pipelined requests in order,answers two hundred pipelined requests")


class StandingTest(FolderTest):
    def judge(self, command, *options):
        """The exit status, the report on standard output, and the form."""
        file = self.root / "standing"
        done = subprocess.run(
            [CHECKS, "--server", command, "--patience", "1", SOME, *options, "--standing", file],
            capture_output=True, text=True, timeout=100)
        form = parse_qs(file.read_text(), keep_blank_values=True, strict_parsing=True)
        return done.returncode, done.stdout, {name: values[0] for name, values in form.items()}

    def judge_step(self, server, *options):
        return self.judge(f"{sys.executable} {SERVERS / server} {{port}}", *options)

    def test_the_first_failure_is_told_with_its_report(self):
        status, shown, form = self.judge_step("step02_honest.py", "--climb")
        self.assertEqual((status, form["next"]), (1, "3.2"))
        self.assertIn(form["check"], SOME)
        self.assertIn(f"  FAIL  {form['check']} ", shown)
        self.assertIn("      the rule      ", form["report"])
        told = form["report"].split("      try it ")[0]  # a command is not wrapped
        self.assertLessEqual(max(map(len, told.splitlines())), 72)

    def test_without_a_failure_what_comes_after_it_is_next(self):
        for options, following in ((["--step", "2"], "3.1"), (["--step", "2.3"], "2.4"),
                                   (["--step", "2.10", "--next", "3.1"], "3.1"),
                                   (["--step", "5"], "6.1")):
            server = "step03_honest.py" if options[1] == "5" else "step02_honest.py"
            status, _, form = self.judge_step(server, *options)
            self.assertEqual((status, form), (0, {"next": following, "check": "", "report": ""}))

    def test_a_server_that_does_not_start_is_at_no_move(self):
        status, _, form = self.judge("false {port}", "--climb")
        self.assertEqual((status, form["next"], form["check"]), (1, "", "the server starts"))
        self.assertIn("the server ended with status 1", form["report"])

    def test_a_file_that_cannot_be_written_changes_nothing_else(self):
        done = subprocess.run(
            [CHECKS, "--server", f"{sys.executable} {SERVERS / 'step02_honest.py'} {{port}}",
             "--step", "2", SOME, "--standing", self.root / "nowhere/standing"],
            capture_output=True, text=True, timeout=100)
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1][:8]), (0, "2 passed"))
        self.assertIn("checks: cannot write to ", done.stderr)


if __name__ == "__main__":
    unittest.main()
