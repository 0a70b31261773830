#!/usr/bin/env python3
"""What escapes from the coroutine of a client is logged, whatever it is, and ends no other one.

usage: log_test.py THROWER [unittest's options]   (thrower.cpp, made of a step's server)
"""

import pathlib
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

THROWER = sys.argv.pop(1)
PATIENCE = 10  # seconds for what must happen


class LogTest(unittest.TestCase):
    def setUp(self):
        self.server = guarded.Popen([THROWER], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.port = int(self.server.stdout.readline().rsplit(b":", 1)[1])

    def tearDown(self):
        self.server.kill()
        self.server.communicate()

    def log_of(self, *clients):
        """Returns the lines that are logged of clients that come one after the other."""
        for asked in clients:
            with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as client:
                client.sendall(asked)
                self.assertEqual(client.recv(1), b"")  # its connection has ended
        lines = [self.server.stderr.readline() for _ in clients]
        self.assertIsNone(self.server.poll())
        return lines

    def test_an_exception_tells_why(self):
        self.assertEqual(self.log_of(b"it broke", b"twice"),
                         [b"internal error: it broke\n", b"internal error: twice\n"])

    def test_what_is_no_exception_of_the_library_ends_nothing_else(self):
        self.assertEqual(self.log_of(b"Unknown", b"it broke"),
                         [b"internal error: an exception of an unknown type\n",
                          b"internal error: it broke\n"])

    def test_an_exception_is_one_line(self):
        self.assertEqual(self.log_of(b"one\r\ntwo\x1b[2J\\"),
                         [b"internal error: one\\x0d\\x0atwo\\x1b[2J\\x5c\n"])

    def test_a_very_long_one_is_cut(self):
        (line,) = self.log_of(b"long")  # of 5000 octets
        self.assertTrue(line.endswith(b"xxx...\n"))
        self.assertLessEqual(len(line), 4096)  # PIPE_BUF of Linux: such a write is not torn


if __name__ == "__main__":
    unittest.main()
