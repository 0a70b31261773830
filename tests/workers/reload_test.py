#!/usr/bin/env python3
"""--reload: an application in Python that is started again when one of its files has changed.

usage: reload_test.py PROGRAM [unittest's options]
"""

import contextlib
import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import termios
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from program import Program  # noqa: E402

PROGRAM = os.path.abspath(sys.argv.pop(1))
PATIENCE = 30  # seconds for what must happen
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
APPLICATION = '''
async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({{"type": "http.response.start", "status": 200}})
    await send({{"type": "http.response.body", "body": b"{}"}})
'''
ENDLESS = '''
import asyncio
async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200})
    while True:
        await send({"type": "http.response.body", "body": b"again", "more_body": True})
        await asyncio.sleep(0.01)
'''
BLOCKING = '''
import sys
async def app(scope, receive, send):
    assert scope["type"] == "http"
    print("it blocks", file=sys.stderr, flush=True)
    while True:
        pass
'''
HANGING = '''
import asyncio, sys
async def app(scope, receive, send):
    assert scope["type"] == "lifespan"
    await receive()
    print("it hangs", file=sys.stderr, flush=True)
    await asyncio.sleep(1000)
'''
EXITING = '''
import os
async def app(scope, receive, send):
    os._exit({})
'''
ASKING = '''
async def app(scope, receive, send):
    assert scope["type"] == "http"
    {}
'''


def kill(process):
    """Ends a process, if it is still there, and closes its descriptor."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(process, signal.SIGKILL)
    os.close(process)


class ReloadTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, text, name="changing.py"):
        self.folder.joinpath(name).write_text(text)

    def start(self, *options, **process):
        server = Program(PROGRAM, "changing:app", "--app-dir", str(self.folder), "--reload",
                         "--no-access-log", *options, **process)
        self.addCleanup(server.__exit__)
        return server

    def wait_until(self, true, what):
        end = time.monotonic() + PATIENCE
        while not true():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.02)

    def wait_for_answer(self, server, text):
        def answers():
            try:
                with server.connect(REQUEST) as client:
                    return client.makefile("rb").read().endswith(b"\r\n\r\n" + text)
            except OSError:  # nobody listens for a moment
                return False
        self.wait_until(answers, text)

    def test_a_file_that_changes(self):
        for workers in ("1", "2"):
            self.write(APPLICATION.format("one"))
            server = self.start("--workers", workers)
            self.wait_for_answer(server, b"one")
            self.write(APPLICATION.format("another"))
            self.wait_for_answer(server, b"another")
            self.assertIn("changing.py has changed: the application is started again\n",
                          server.log())
            self.assertEqual(server.stop(), 0)

    def test_a_module_beside_it_that_comes_and_changes(self):
        self.write("from beside import app")
        self.write(APPLICATION.format("one"), "beside.py")
        server = self.start()
        self.wait_for_answer(server, b"one")
        self.write(APPLICATION.format("another"), "beside.py")
        self.wait_for_answer(server, b"another")
        self.folder.joinpath("text.txt").write_text("not Python")
        self.folder.joinpath(".hidden").mkdir()
        self.write("", ".hidden/editor.py")
        self.write("", "new.py")
        self.wait_until(lambda: "new.py has changed" in server.log(), "new.py")
        self.assertNotIn("editor", server.log())
        self.assertNotIn("text", server.log())

    def test_an_error_waits_for_the_next_change(self):
        self.write(APPLICATION.format("one"))
        server = self.start("--workers", "2")
        for broken, error in (("app = (", "SyntaxError"), ("import missing", "ModuleNotFoundError")):
            self.write(broken)
            self.wait_until(lambda: error in server.log(), error)
            self.wait_until(lambda: server.log().endswith(
                "the application is started again when a file of it has changed\n"), "it waits")
        self.write(APPLICATION.format("mended"))
        self.wait_for_answer(server, b"mended")
        self.assertEqual(server.log().count("SyntaxError: "), 2)  # of one worker: traceback and name
        self.assertEqual(server.stop(), 0)

    def test_it_can_be_ended_while_it_waits(self):
        self.write(APPLICATION.format("one"))
        server = self.start()
        self.write("1 / 0")
        self.wait_until(lambda: "when a file of it has changed" in server.log(), "it waits")
        self.assertEqual(server.stop(), 0)

    def test_a_worker_that_is_half_started(self):
        self.write(APPLICATION.format("one"))
        server = self.start()
        self.write(HANGING)
        self.wait_until(lambda: "it hangs" in server.log(), "it hangs")
        self.write(APPLICATION.format("mended"))
        self.wait_for_answer(server, b"mended")
        self.assertEqual(server.stop(), 0)

    def test_a_stream_that_does_not_end(self):
        self.write(ENDLESS)
        server = self.start()
        with server.connect(REQUEST) as client:
            self.assertTrue(client.recv(1))
            self.write(APPLICATION.format("mended"))
            self.wait_for_answer(server, b"mended")

    def test_an_application_that_blocks_the_loop(self):
        self.write(BLOCKING)
        server = self.start()
        with server.connect(REQUEST):
            self.wait_until(lambda: "it blocks" in server.log(), "it blocks")
            self.write(APPLICATION.format("mended"))
            self.wait_for_answer(server, b"mended")
        self.assertIn("KeyboardInterrupt", server.log())
        self.assertEqual(server.stop(), 0)

    def test_a_worker_that_hears_nothing(self):
        self.write(APPLICATION.format("one"))
        server = self.start()
        pid = server.process.pid
        worker = int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text())
        self.addCleanup(kill, os.pidfd_open(worker))
        os.kill(worker, signal.SIGSTOP)
        self.write(APPLICATION.format("mended"))
        self.wait_for_answer(server, b"mended")

    def test_an_application_that_reads_the_terminal(self):
        for asks, error in (("input()", "EOFError: "), ("breakpoint()", "bdb.BdbQuit"),
                            ("__import__('getpass').getpass()", "OSError: ")):
            with self.subTest(asks):
                self.write(ASKING.format(asks))
                ours, terminal = os.openpty()
                server = self.start(stdin=terminal, preexec_fn=lambda: fcntl.ioctl(
                    0, termios.TIOCSCTTY, 0))
                os.close(terminal)
                with server.connect(REQUEST) as client:
                    self.assertIn(b"500", client.makefile("rb").readline())
                self.assertIn(f"\napplication failed: {error}", server.log())
                os.write(ours, b"\3")  # Ctrl-C
                self.assertEqual(server.process.wait(PATIENCE), 0)
                os.close(ours)

    def test_a_worker_that_dies_is_replaced(self):
        for status in (5, 2):  # 2 means that it cannot start; but this one has served
            with self.subTest(status):
                self.write(EXITING.format(status))
                server = self.start("--lifespan", "off")
                with server.connect(REQUEST) as client:
                    self.assertEqual(client.makefile("rb").read(), b"")
                self.wait_until(lambda: f"exit status {status}; another one takes its place\n"
                                in server.log(), status)
                self.write(APPLICATION.format("mended"))
                self.wait_for_answer(server, b"mended")
                self.assertEqual(server.stop(), 0)

    def test_without_an_application(self):
        done = subprocess.run([PROGRAM, "--reload"], capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--reload is for an application in Python", done.stderr)


if __name__ == "__main__":
    unittest.main()
