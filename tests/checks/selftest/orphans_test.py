"""No server outlives its judge, however that ends.

  orphans_test.py CHECKS
"""

import pathlib
import shlex
import signal
import socket
import subprocess
import sys
import time
import unittest

CHECKS = sys.argv.pop(1)
HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parents[1]
STUBBORN = [sys.executable, str(HERE / "servers/stubborn.py")]  # spins, and ignores signals
PATIENCE = 20  # seconds for what must happen
ENDS = [signal.SIGKILL, signal.SIGINT, signal.SIGHUP, signal.SIGTERM]

# A test in Python, as many are here: it starts a server, and is busy then.
TEST = """
import sys, time
sys.path.insert(0, sys.argv[1])
import guarded
guarded.Popen(sys.argv[2:])
time.sleep(60)
"""

# It gets no processor from the moment on in which the server's process is there.
SLOWLY = """
import subprocess, time
start = subprocess.Popen.__init__

def slowly(self, command, **options):
    start(self, command, **options)
    if command[0] != "sh":  # the guard
        time.sleep(60)

subprocess.Popen.__init__ = slowly
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def connect(port, process):
    """A connection, which the system makes for a server that listens and is busy."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), PATIENCE)
        except OSError:
            assert process.poll() is None and time.monotonic() < deadline, "no server"
            time.sleep(0.02)


class Orphans(unittest.TestCase):
    def expect_end(self, command, port, how):
        """Ends the judge: the server's connections end as well, which they only do with it."""
        judge = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with connect(port, judge) as client:
            judge.send_signal(how)
            judge.wait(PATIENCE)
            try:
                self.assertEqual(client.recv(1), b"")
            except ConnectionResetError:
                pass

    def test_checks(self):
        for how in ENDS:
            port = free_port()
            with self.subTest(how):
                # They wait for a server on another port, which never comes.
                server = shlex.join([*STUBBORN, str(port)]) + " # {port}"
                self.expect_end([CHECKS, "--server", server], port, how)

    def test_checks_that_started_a_shell(self):
        port = free_port()
        server = "sh -c " + shlex.quote(shlex.join([*STUBBORN, str(port)]) + "; true # {port}")
        self.expect_end([CHECKS, "--server", server], port, signal.SIGKILL)

    def test_a_test_in_python(self):
        for how in ENDS:
            port = free_port()
            command = [sys.executable, "-c", TEST, str(TESTS), *STUBBORN, str(port)]
            with self.subTest(how):
                self.expect_end(command, port, how)

    def test_a_test_in_python_that_does_not_know_yet_that_it_has_a_server(self):
        port = free_port()
        command = [sys.executable, "-c", SLOWLY + TEST, str(TESTS), *STUBBORN, str(port)]
        self.expect_end(command, port, signal.SIGKILL)

    def test_a_test_in_python_that_forgets_its_server(self):
        port = free_port()
        test = TEST.replace("time.sleep(60)", "sys.stdin.read()")
        with subprocess.Popen([sys.executable, "-c", test, str(TESTS), *STUBBORN, str(port)],
                              stdin=subprocess.PIPE) as judge, connect(port, judge) as client:
            judge.stdin.close()
            try:
                self.assertEqual(client.recv(1), b"")
            except ConnectionResetError:
                pass


unittest.main()
