#!/usr/bin/env python3
"""A server to which the system gives too little: memory, descriptors, a place for its log, standard
output.

usage: faults_test.py PROGRAM [unittest's options]   (a server of applications)
       faults_test.py PROGRAM NoDescriptors          (any)

That it goes on after it had no descriptors, and does not spin, is judged by `checks`.
"""

import contextlib
import errno
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "asgi"))
from endurance import MIB, PATIENCE, Program, get  # noqa: E402

PROGRAM = sys.argv.pop(1)
SANITIZED = b"__asan_init" in pathlib.Path(PROGRAM).read_bytes()
HELLO = b"\r\n\r\nHello, World!"


def ask(port):
    """Returns the answer to a good request, to its end."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.sendall(get("/").encode())
        with client.makefile("rb") as file:
            return file.read()


class NoMemory(unittest.TestCase):
    """Messages for which there is no memory: each ends its own connection, and nothing else."""

    HANDSHAKE = (b"GET /ws/echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                 b"Connection: upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    HEADER = b"\x82\xff" + (16 * MIB).to_bytes(8, "big") + bytes(4)
    CLOSE = b"\x88\x02\x03\xf3"  # code 1011

    def begin_message(self, server, stack):
        """All of a message of 16 MiB but its last octet. None: this server has no WebSocket."""
        client = stack.enter_context(
            socket.create_connection(("127.0.0.1", server.port), PATIENCE))
        client.sendall(self.HANDSHAKE)
        if not client.recv(4096).startswith(b"HTTP/1.1 101 "):
            self.skipTest("only a WebSocket message is collected, whatever its size")
        with contextlib.suppress(OSError):  # the server may have refused it already
            client.sendall(self.HEADER)
            client.sendall(bytes(16 * MIB - 1))
        return client

    def is_refused(self, client):
        """Whether a Close says that it has no memory; the others wait for the rest."""
        client.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            self.assertEqual(client.recv(100), self.CLOSE)
            return True
        return False

    @unittest.skipIf(SANITIZED, "a sanitizer reserves more memory than any limit")
    def test_other_clients_are_served(self):
        with Program(PROGRAM) as server, contextlib.ExitStack() as stack:
            limit = server.memory("VmSize") + 40 * MIB
            resource.prlimit(server.process.pid, resource.RLIMIT_AS, (limit, limit))
            clients = [self.begin_message(server, stack) for _ in range(4)]
            self.assertTrue(ask(server.port).endswith(HELLO))
            self.assertGreaterEqual([self.is_refused(client) for client in clients].count(True), 2)
            stack.close()
            self.assertEqual(server.stop()[0], 0)


class NoDescriptors(unittest.TestCase):
    """Each time that a server runs out of descriptors, its log has one line."""

    def setUp(self):
        self.log = tempfile.TemporaryFile()
        self.addCleanup(self.log.close)
        self.server = guarded.Popen([PROGRAM, "--port", "0"], stdout=subprocess.PIPE,
                                    stderr=self.log, text=True)
        self.addCleanup(self.server.communicate)
        self.addCleanup(self.server.kill)
        self.port = int(self.server.stdout.readline().rsplit(":", 1)[1])

    def allow(self, descriptors):
        hard = resource.prlimit(self.server.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(self.server.pid, resource.RLIMIT_NOFILE, (descriptors, hard))

    def failures(self):
        """The lines of the log that say why a client could not be accepted."""
        log = guarded.contents(self.log)
        return [line for line in log.splitlines(True) if line.startswith("accept: ")]

    def exhaust(self, times):
        """A client comes when no descriptor is left, and is served when there are some again."""
        self.allow(0)
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as client:
            end = time.monotonic() + PATIENCE
            while len(self.failures()) < times and time.monotonic() < end:
                time.sleep(0.02)
            time.sleep(0.3)  # it tries again meanwhile, and fails in the same way
            self.allow(64)
            client.sendall(get("/").encode())
            self.assertTrue(client.recv(1))

    def test_each_exhaustion_is_logged_once(self):
        line = f"accept: {os.strerror(errno.EMFILE)}\n"
        for times in (1, 2, 3):
            self.exhaust(times)
            self.assertEqual(self.failures(), [line] * times)


class Output(unittest.TestCase):
    """A server goes on without its log, and without anybody who reads that it is ready."""

    def serve(self, redirection, log):
        """Starts it with that redirection of the shell's, asks twice, ends it."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = f'exec "$0" --port {port} {redirection}'
        server = guarded.Popen(["sh", "-c", command, PROGRAM], stdout=subprocess.DEVNULL,
                               stderr=log)
        try:
            answers = self.ask_when_ready(server, port) + ask(port)
            server.send_signal(signal.SIGTERM)
            return answers.count(HELLO), answers.count(b"HTTP/1.1"), server.wait(PATIENCE)
        finally:
            server.kill()
            server.wait()

    @staticmethod
    def ask_when_ready(server, port):
        """There is no line to wait for."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return ask(port)
            except ConnectionRefusedError:
                if time.monotonic() > end or server.poll() is not None:
                    raise
                time.sleep(0.02)

    def expect_service(self, redirection, log=subprocess.DEVNULL):
        """Two answers, neither of which has got a line of the log into it."""
        self.assertEqual(self.serve(redirection, log), (2, 2, 0))

    def test_full_disk_for_the_log(self):
        self.expect_service("2>/dev/full")

    def test_full_disk_for_the_ready_line(self):
        self.expect_service(">/dev/full")

    def test_nobody_reads_the_log(self):
        reading, writing = os.pipe()
        os.close(reading)
        self.addCleanup(os.close, writing)
        self.expect_service("", writing)

    def test_closed_outputs(self):
        """The numbers 1 and 2 then belong to what is opened first: never to a client."""
        for redirection in (">&-", "2>&-", "<&- >&- 2>&-"):
            with self.subTest(redirection):
                self.expect_service(redirection)


if __name__ == "__main__":
    unittest.main()
