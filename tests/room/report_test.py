#!/usr/bin/env python3
"""`./workshop check --report`: what it sends, and that a wall which is gone or hangs costs little.

usage: report_test.py ROOM [unittest's options]
"""

import pathlib
import socket
import sys
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
from student import Student  # noqa: E402
from wall import Wall  # noqa: E402

ROOM = sys.argv.pop(1)
SERVER = "python3 my_server.py {port}"


def answer_once(listener, text):
    """Is a wall for one report."""
    client, _ = listener.accept()
    with client:
        client.recv(65536)
        client.sendall(b"HTTP/1.1 400 Bad\r\ncontent-length: %d\r\n\r\n%s" % (len(text), text))
        client.recv(65536)  # until curl closes


class ReportTest(unittest.TestCase):
    def setUp(self):
        self.student = self.enterContext(Student())
        self.student.stand("3.2", "answers <b>", "it said \"5\u00a0%+5\"\n\tend")

    def assert_judged(self, done):
        """The report has changed nothing of what `check` says, and of its exit status."""
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1]),
                         (1, "1 passed, 1 failed"), done.stderr)

    def test_the_wall_shows_what_the_checks_have_found(self):
        with Wall(ROOM) as wall:
            done = self.student.check("--report", wall.url, "--name", "Ada & \u00c5sa +1")
            self.assert_judged(done)
            self.assertEqual(done.stderr, "reported: the wall shows it as Ada & \u00c5sa +1\n")
            shown = wall.shown()
        self.assertEqual(shown["students"][0]["name"], "Ada & \u00c5sa +1")
        self.assertEqual(shown["stuck"], [{
            "check": "answers <b>", "next": [3, 2], "number": 1,
            "report": "it said \"5\u00a0%+5\"\n end"}])
        self.assertFalse((self.student.root / "build/standing").exists())

    def test_variables_stand_for_the_options_and_options_win(self):
        with Wall(ROOM) as wall:
            for options, name in (((), "Eve"), (("2", "--name=Bob", SERVER), "Bob")):
                done = self.student.check(*options, WORKSHOP_REPORT=wall.url, WORKSHOP_NAME="Eve")
                self.assertEqual(done.stderr, f"reported: the wall shows it as {name}\n")
            self.assertEqual([student["name"] for student in wall.shown()["students"]],
                             ["Bob", "Eve"])

    def test_nothing_is_reported_unless_asked_for(self):
        done = self.student.check()
        self.assert_judged(done)
        self.assertEqual(done.stderr, "")
        self.assertNotIn("--standing", self.student.calls()[0])

    def test_some_checks_alone_do_not_tell_where_a_student_stands(self):
        with Wall(ROOM) as wall:
            done = self.student.check("2", "-tc=*a*", "--report", wall.url, "--name", "Ada")
            self.assert_judged(done)
            self.assertEqual(done.stderr, "not reported: only some checks were chosen\n")
            self.assertEqual(wall.shown()["students"], [])
            done = self.student.check("2", "--all", "--report", wall.url, "--name", "Ada")
            self.assertEqual(done.stderr, "reported: the wall shows it as Ada\n")

    def test_what_was_not_judged_is_not_reported(self):
        (self.student.root.parent / "judged").unlink()
        done = self.student.check("--report", "http://127.0.0.1:1/x", "--name", "Ada")
        self.assert_judged(done)
        self.assertEqual(done.stderr, "not reported: nothing was judged\n")

    def test_a_wall_that_is_gone_costs_a_line(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        done = self.student.check("--report", f"http://127.0.0.1:{port}/x", "--name", "Ada")
        self.assert_judged(done)
        self.assertRegex(done.stderr, r"^not reported: the wall does not answer: curl: \(7\) .*[a-z]\S*\n$")

    def test_a_wall_that_hangs_costs_a_second_at_most(self):
        self.student.be_hasty()
        begin = time.monotonic()
        self.student.check()
        alone = time.monotonic() - begin
        with socket.create_server(("127.0.0.1", 0)) as wall:  # the system takes the connection
            url = f"http://127.0.0.1:{wall.getsockname()[1]}/x"
            begin = time.monotonic()
            done = self.student.check("--report", url, "--name", "Ada")
            took = time.monotonic() - begin - alone
        self.assert_judged(done)
        self.assertIn("not reported: the wall does not answer: curl: (28)", done.stderr)
        self.assertLess(took, 3)  # the machine may be busy; curl's own clock ends it after 0.9 s

    def test_what_a_wall_of_strangers_says_is_one_short_line(self):
        said = b"\x1b[2J" + b"x" * 900
        with socket.create_server(("127.0.0.1", 0)) as wall:
            url = f"http://127.0.0.1:{wall.getsockname()[1]}/x"
            threading.Thread(target=answer_once, args=(wall, said), daemon=True).start()
            done = self.student.check("--report", url, "--name", "Ada")
        self.assert_judged(done)
        self.assertEqual(done.stderr, "not reported: [2J" + "x" * 197 + "\n")

    def test_a_refusal_is_told_with_the_walls_reason(self):
        with Wall(ROOM) as wall:
            done = self.student.check("--report", wall.url, "--name", "x" * 25)
            self.assert_judged(done)
            self.assertEqual(done.stderr, "not reported: a name has 1 to 24 characters\n")

    def test_bad_options_are_told_before_anything_is_built(self):
        for arguments, reason in (
                (("--report",), "--report needs a value"),
                (("--report", "http://x:1/t", "--name"), "--name needs a value"),
                (("--report", "http://x:1/t"), "a report needs a name"),
                (("--report", "http://x:1/", "--name", "A"), "'http://x:1/' is no wall"),
                (("--report", "-o/etc/x", "--name", "A"), "'-o/etc/x' is no wall")):
            with self.subTest(arguments):
                done = self.student.check(*arguments)
                self.assertEqual(done.returncode, 1)
                self.assertIn(reason, done.stderr)
                self.assertFalse((self.student.root.parent / "calls").exists())


if __name__ == "__main__":
    unittest.main()
