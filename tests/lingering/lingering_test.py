#!/usr/bin/env python3
"""The limits of the lingering close: how long it lasts for a client that sends without an end, and
how many connections linger at once.

usage: lingering_test.py STEP_DIRECTORY BUILD [unittest's options]

Nobody wants to wait for half a minute, or to open a thousand connections: the step is built once
more with limits that are small.
"""

import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "patched"))
import patched  # noqa: E402

STEP = pathlib.Path(sys.argv.pop(1))
BUILD = pathlib.Path(sys.argv.pop(1))
PATIENCE = 10  # seconds for what must happen
BAD = b"GET  / HTTP/1.1\r\n\r\n"
GOOD = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
TIME = 5  # seconds: the greatest of a lingering close
SMALL = {  # of connection.cpp
    "linger_silence(2)": "linger_silence(20)",
    "linger_time(30)": f"linger_time({TIME})",
    "max_lingering = 1024": "max_lingering = 2",
}


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        tree = patched.copy_step(STEP, scratch.name)
        for old, new in SMALL.items():
            patched.replace_once(tree / "src/connection.cpp", old, new)
        cls.program = patched.build(tree, STEP, BUILD)

    def setUp(self):
        self.server = guarded.Popen([self.program, "--port", "0", "--limit-concurrency", "1"],
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(self.server.communicate)
        self.addCleanup(self.server.kill)
        self.port = int(self.server.stdout.readline().rsplit(":", 1)[1])

    def ask(self, request):
        """Returns a client that has its answer, to the end of the server's side, and its status."""
        client = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        self.addCleanup(client.close)
        client.sendall(request)
        with client.makefile("rb") as file:
            return client, int(file.read().split()[1])

    def linger(self):
        client, status = self.ask(BAD)
        self.assertEqual(status, 400)
        return client

    @staticmethod
    def send_until_cut_off(client, octets, pause=0.0):
        """Whether that comes within a time that is long for whatever limit there is."""
        end = time.monotonic() + TIME + PATIENCE
        try:
            while time.monotonic() < end:
                client.sendall(octets)
                time.sleep(pause)
        except ConnectionError:
            return True
        return False

    def expect_its_time(self, octets, pause=0.0):
        begun = time.monotonic()  # before the server's time begins
        client = self.linger()
        self.assertTrue(self.send_until_cut_off(client, octets, pause))
        self.assertGreater(time.monotonic() - begun, TIME)

    def test_client_that_sends_without_a_pause(self):
        self.expect_its_time(bytes(65536))

    def test_client_that_sends_now_and_then(self):
        self.expect_its_time(b"x", 0.1)

    def test_the_newest_beyond_the_greatest_number_is_closed_at_once(self):
        lingering = [self.linger(), self.linger()]
        one_too_many = self.linger()
        self.assertTrue(self.send_until_cut_off(one_too_many, b"x", 0.01))
        for client in lingering:  # which came before it, and are there when it has gone
            client.sendall(b"x")
            client.sendall(b"x")  # a reset would have come for the first one
        self.assertEqual(self.ask(GOOD)[1], 200)


if __name__ == "__main__":
    unittest.main()
