"""What climbing shows: how far a server gets, and the first failure there.

  climb_test.py CHECKS
"""

import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

CHECKS = sys.argv.pop(1)
HERE = pathlib.Path(__file__).resolve().parent
SERVERS = HERE.parents[1] / "broken_servers"
# A few of each step: one of them holds for step 2 only.
SOME = ("-tc=echoes what it is sent,says the length of the answer,answers 404 to GET,"
        "cuts off a client that never stops sending,answers pipelined requests in order,"
        "answers two hundred pipelined requests,sends an empty body with its length")


def command(server):
    return f"{sys.executable} {server} {{port}}"


def climb(server, *options):
    return [CHECKS, "--climb", "--server", command(server), "--patience", "1", SOME, *options]


def run(server, *options):
    """The report's lines, and the exit status."""
    done = subprocess.run(climb(server, *options), stdout=subprocess.PIPE, text=True, timeout=100)
    return done.stdout.splitlines(), done.returncode


def on_terminal(server, **environment):
    """What the report is on a terminal."""
    ours, theirs = pty.openpty()
    done = subprocess.Popen(climb(server), stdout=theirs, env={**os.environ, **environment})
    os.close(theirs)
    text = b""
    try:
        while piece := os.read(ours, 65536):
            text += piece
    except OSError:  # the end of a terminal
        pass
    os.close(ours)
    done.wait()
    return text.decode()


def ladder(lines):
    """The rungs with something judged, as "step02 2 passed"."""
    return [line.split()[0] + line.split("]")[1].replace("  ", " ") for line in lines
            if line.startswith("  step0") and "not yet" not in line]


def failures(lines):
    return [line.split("  [")[0].strip() for line in lines if line.startswith("  FAIL")]


class Order(unittest.TestCase):
    def test_a_check_that_leads_is_the_first_of_its_move(self):
        source = (HERE.parent / "moves.cpp").read_text().partition("leading[] = {")[2]
        leading = re.findall(r'"(.+)",', source.partition("};")[0])
        moves = dict(re.findall(r'{"(.+)", (\d+)}', (HERE.parent / "moves.inc").read_text()))
        listed = subprocess.run([CHECKS, "--list", "--step", "5"], stdout=subprocess.PIPE, text=True)
        place = {}  # of each move's first check
        for step, check in re.findall(r"(?m)^(step\d+) +(.+?)  \[", listed.stdout):
            place.setdefault((step, moves.get(check)), check)
        self.assertTrue(leading)
        self.assertEqual([check for check in leading if check not in place.values()], [])


class Climb(unittest.TestCase):
    def test_an_echo_is_at_the_first_step(self):
        lines, status = run(SERVERS / "step01_honest.py")
        self.assertEqual(status, 1)
        self.assertEqual(ladder(lines), ["step01 1 passed", "step02 2 failed"])
        self.assertEqual(failures(lines), ["FAIL  says the length of the answer"])

    def test_a_server_stops_where_it_fails_and_the_others_are_counted(self):
        lines, status = run(SERVERS / "step02_honest.py",
                            "--more", "./workshop check {step}")
        self.assertEqual(status, 1)
        self.assertEqual(ladder(lines), ["step02 2 passed", "step03 2 failed"])
        self.assertEqual(len(failures(lines)), 1)
        self.assertIn("  and 1 more; all of them:  ./workshop check 3", lines)
        self.assertEqual(lines[-1], "2 passed, 2 failed")

    def test_what_holds_for_one_step_only_does_not_stop_a_server_of_a_later_one(self):
        lines, _ = run(SERVERS / "step03_honest.py")
        self.assertEqual(ladder(lines),
                         ["step02 2 passed", "step03 2 passed", "step04 1 failed"])
        self.assertFalse([line for line in lines if " more; all" in line])

    def test_a_server_that_passes_all_reaches_the_last_step(self):
        lines, status = run(SERVERS / "step03_honest.py", "--step", "3")
        self.assertEqual((status, lines[-1]), (0, "4 passed, 0 failed"))

    def test_a_server_that_crashes_is_one_of_http(self):
        lines, _ = run(HERE / "servers/step02_crashing.py")
        self.assertEqual(failures(lines), ["FAIL  answers 404 to GET"])
        self.assertEqual(ladder(lines), ["step02 1 passed, 1 failed"])

    def test_a_server_that_answers_nothing_is_told_so(self):
        lines, status = run(HERE / "servers/silent.py")
        self.assertEqual((status, failures(lines)), (1, ["FAIL  answers at all"]))

    def test_the_next_run_is_compared_with_the_last_one(self):
        with tempfile.TemporaryDirectory() as folder:
            server = pathlib.Path(folder, "my_server.py")
            for name in ("honest",):
                if (SERVERS / name).is_dir():
                    shutil.copytree(SERVERS / name, server.parent / name)
            kept = pathlib.Path(folder, "kept/my_server.py")

            def rungs(original):
                shutil.copy(original, server)
                return ladder(run(server, "--step", "2", "--progress", str(kept.parent))[0])

            self.assertEqual(rungs(SERVERS / "step01_honest.py"),
                             ["step01 1 passed", "step02 2 failed"])
            self.assertEqual(kept.read_text(), "step01 1 1\nstep02 0 2\nreached 2.1\n")
            better = ["step02 2 passed, before: 0, now 2"]
            self.assertEqual(rungs(SERVERS / "step02_honest.py"), better)
            self.assertEqual(rungs(SERVERS / "step02_honest.py"), ["step02 2 passed"])
            self.assertIn("reached 2.98\n", kept.read_text())
            before = kept.read_text()
            # What answers nothing is compared, and not kept.
            self.assertEqual(rungs(HERE / "servers/silent.py"),
                             ["step01 1 failed, 1 not judged, before: 1, now 0"])
            self.assertEqual(kept.read_text(), before)

    def test_a_server_that_does_not_start_is_told_so(self):
        lines, status = run(HERE / "servers/none.py")
        self.assertEqual((status, failures(lines)), (1, ["FAIL  the server starts"]))

    def test_no_check_at_all_is_a_failure(self):
        lines, status = run(SERVERS / "step01_honest.py", "--step", "1",
                            "-tce=*")
        self.assertEqual((status, lines[-1]), (1, "0 passed, 0 failed"))

    def test_colours_are_for_terminals_and_for_whoever_wants_them(self):
        server = SERVERS / "step02_honest.py"
        os.environ.pop("NO_COLOR", None)
        for environment, coloured in ({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False):
            with self.subTest(environment):
                text = on_terminal(server, **environment)
                self.assertIn("FAIL", text)
                self.assertEqual("\033[31;1m  FAIL" in text, coloured)
                self.assertEqual("\033[" in text, coloured)


if __name__ == "__main__":
    unittest.main()
