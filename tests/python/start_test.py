#!/usr/bin/env python3
"""How an application in Python is named, found and started, and what is said when it is not.

usage: start_test.py PROGRAM [unittest's options]
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import venv

from server import HERE, PATIENCE, Server

import guarded  # beside program.py

PROGRAM = os.path.abspath(sys.argv.pop(1))


class StartTest(unittest.TestCase):
    def refuse(self, *arguments, directory=HERE):
        """Returns what it writes to standard error when it does not start: a traceback or nothing,
        and the one line that says why."""
        done = subprocess.run([PROGRAM, *arguments, "--port", "0", "--app-dir", directory],
                              capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.stdout, done.returncode), ("", 2), done.stderr)
        *traceback, last = done.stderr.splitlines()
        self.assertTrue(last.startswith(f"{PROGRAM}: "), done.stderr)
        return "\n".join(traceback), last.removeprefix(f"{PROGRAM}: ")

    def assert_serves(self, app, *options, **settings):
        with Server(PROGRAM, app, *options, **settings) as server:
            self.assertEqual(server.text("/in/tasks"), "['http.request', True, True]")
            self.assertEqual(server.stop(), 0)

    def test_an_attribute_of_an_attribute(self):
        self.assert_serves("probes:Nested.Deep.application")

    def test_a_factory(self):
        self.assert_serves("probes:make", "--factory")

    def test_any_callable_whose_result_can_be_awaited(self):
        self.assert_serves("probes:not_a_coroutine")

    def test_the_current_directory(self):
        before = os.getcwd()
        self.addCleanup(os.chdir, before)
        os.chdir(HERE)
        self.assert_serves("probes:app", directory=".")

    def test_an_application_that_returns_nothing(self):
        with Server(PROGRAM, "probes:returns_nothing") as server:
            self.assertEqual(server.ask("/")[0], 500)
            server.wait_for_log("can't be used in 'await' expression")

    def test_each_worker_has_an_interpreter(self):
        with Server(PROGRAM, "probes:app", "--workers", "2") as server:
            self.assertEqual(server.text("/context"), "(0, 1, True)")
            self.assertEqual(server.log().count("{'type': 'lifespan.startup'}"), 2)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.log().count("{'type': 'lifespan.shutdown'}"), 2)

    def test_a_worker_that_cannot_be_replaced_now_ends_no_other(self):
        with tempfile.TemporaryDirectory() as directory:
            down = pathlib.Path(directory, "down")  # as a database that is being restarted
            pathlib.Path(directory, "needing.py").write_text(
                f"import os, sys\nif os.path.exists({str(down)!r}): raise OSError('no database')\n"
                f"sys.path.append({str(HERE)!r})\nfrom probes import app\n")
            with Server(PROGRAM, "needing:app", "--workers", "2", directory=directory) as server:
                down.touch()
                self.assertEqual(server.ask("/exit/at/once?2")[0], 500)
                server.wait_for_log("cannot load needing:app: OSError: no database")
                server.wait_for_log("exit status 2; another one takes its place\n")
                self.assertEqual(server.text("/context"), "(0, 1, True)")
                down.unlink()
                self.assertEqual(server.stop(), 0)

    def test_a_worker_that_asks_for_its_end_ends_no_other(self):
        with Server(PROGRAM, "probes:app", "--workers", "2") as server:
            self.assertEqual(server.ask("/exit/at/once?2")[0], 500)
            server.wait_for_log("exit status 2; another one takes its place\n")
            self.assertEqual(server.stop(), 0)

    def test_a_module_that_there_is_not(self):
        traceback, line = self.refuse("nothing:app")
        self.assertEqual(line, "cannot load nothing:app: "
                               "ModuleNotFoundError: No module named 'nothing'")
        self.assertIn("Traceback (most recent call last):", traceback)

    def test_an_attribute_that_there_is_not(self):
        for name in ("probes:nothing", "probes:Nested.nothing", "probes:"):
            with self.subTest(name):
                self.assertIn(f"cannot load {name}: AttributeError", self.refuse(name)[1])

    def test_what_is_not_callable(self):
        line = self.refuse("probes:not_callable")[1]
        self.assertEqual(line, "cannot load probes:not_callable: "
                               "TypeError: probes:not_callable is not callable: 5")

    def test_a_factory_that_wants_something(self):
        self.assertIn("cannot load probes:app: TypeError", self.refuse("probes:app", "--factory")[1])

    def test_a_module_with_an_error(self):
        with tempfile.TemporaryDirectory() as directory:
            for text, error in (("x = (", "SyntaxError"), ("1 / 0", "ZeroDivisionError"),
                                ("import nothing", "ModuleNotFoundError"),
                                ("raise SystemExit(5)", "SystemExit: 5")):
                with self.subTest(text):
                    pathlib.Path(directory, "broken.py").write_text(f"app = 1\n{text}\n")
                    traceback, line = self.refuse("broken:app", directory=directory)
                    self.assertIn(f"cannot load broken:app: {error}", line)
                    self.assertIn("broken.py", traceback)

    def test_a_module_that_runs_a_loop_of_its_own(self):
        text = f"import asyncio, sys\nsys.path.append({str(HERE)!r})\nasyncio.run(asyncio.sleep(0))\n"
        with tempfile.TemporaryDirectory() as directory:
            pathlib.Path(directory, "running.py").write_text(text + "from probes import app\n")
            self.assert_serves("running:app", directory=directory)

    def test_an_interrupt_before_there_is_a_loop(self):
        with tempfile.TemporaryDirectory() as directory:  # as Ctrl-C while asyncio is imported
            pathlib.Path(directory, "selectors.py").write_text("raise KeyboardInterrupt\n")
            done = subprocess.run([PROGRAM, "probes:app", "--port", "0", "--app-dir", HERE],
                                  env={**os.environ, "PYTHONPATH": directory},
                                  capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.stdout, done.returncode), ("", 2), done.stderr)
        self.assertIn("KeyboardInterrupt", done.stderr)

    def test_a_virtual_environment(self):
        with tempfile.TemporaryDirectory() as directory:
            venv.create(directory, symlinks=True)
            packages = next(pathlib.Path(directory).glob("lib/python*/site-packages"))
            packages.joinpath("only_here.py").write_text("from probes import app\n")
            self.assertIn("No module named 'only_here'", self.refuse("only_here:app")[1])
            self.assert_serves("only_here:app", VIRTUAL_ENV=directory)

    def test_another_python_that_is_first_in_the_path(self):
        with tempfile.TemporaryDirectory() as directory:
            other = pathlib.Path(directory, "python3")
            other.write_text("#!/bin/sh\nexit 1\n")
            other.chmod(0o755)
            self.assert_serves("probes:app", PATH=f"{directory}:{os.environ['PATH']}")


class LifespanTest(unittest.TestCase):
    def test_an_application_without_one(self):
        for options in ((), ("--lifespan", "off")):
            with Server(PROGRAM, "probes:without_lifespan", *options) as server:
                self.assertEqual(server.text("/"), "no lifespan")
                self.assertEqual(server.stop(), 0)
                self.assertNotIn("Traceback", server.log())

    def test_one_that_has_to_be_there(self):
        with Server(PROGRAM, "probes:without_lifespan", "--lifespan", "on") as server:
            self.assertEqual(server.process.wait(PATIENCE), 2)
            self.assertIn("no lifespan: ValueError: http only", server.log())

    def test_one_that_fails_is_shown(self):
        with Server(PROGRAM, "probes:failing_lifespan") as server:
            server.wait_for_log("    ValueError: no database\n")

    def test_one_that_refuses(self):
        with Server(PROGRAM, "probes:refusing_lifespan") as server:
            self.assertEqual(server.process.wait(PATIENCE), 2)
            self.assertIn("lifespan startup failed: no database here", server.log())

    def test_a_port_that_is_taken_meanwhile(self):
        with socket.socket() as ours:  # bound, so that nobody else gets it
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            ours.bind(("127.0.0.1", 0))
            port = str(ours.getsockname()[1])
            with Server(PROGRAM, "probes:displaced_lifespan", "--port", port, PORT=port) as server:
                self.assertEqual(server.process.wait(PATIENCE), 2)
                self.assertIn("{'type': 'lifespan.shutdown'}\n", server.log())
                self.assertIn("Address already in use", server.log())

    def test_one_that_ends_the_program(self):
        for app, status in (("exiting_lifespan", 5), ("interrupted_lifespan", 0)):
            with self.subTest(app), Server(PROGRAM, f"probes:{app}") as server:
                self.assertEqual(server.process.wait(PATIENCE), status)
                self.assertEqual(server.line + server.log(), "")

    def test_one_that_ends_the_program_later(self):
        with Server(PROGRAM, "probes:late_exiting_lifespan") as server:
            self.assertEqual(server.process.wait(PATIENCE), 5)
            self.assertIn("SystemExit: 5", server.log())

    def test_a_signal_while_it_hangs(self):
        with tempfile.TemporaryFile() as log:
            arguments = [PROGRAM, "probes:hanging_lifespan", "--port", "0", "--app-dir", str(HERE)]
            process = guarded.Popen(arguments, stderr=log)
            end = time.monotonic() + PATIENCE
            while "starting" not in guarded.contents(log):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(PATIENCE), 0)
            self.assertIn("given up", guarded.contents(log))

    def test_off(self):
        with Server(PROGRAM, "probes:app", "--lifespan", "off") as server:
            self.assertEqual(server.text("/context"), "(0, 1, True)")
            self.assertEqual(server.stop(), 0)
            self.assertNotIn("lifespan", server.log())


if __name__ == "__main__":
    unittest.main()
