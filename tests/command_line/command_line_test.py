#!/usr/bin/env python3
"""The command line of a step's program: what it takes, and how it refuses the rest.

usage: command_line_test.py PROGRAM [unittest's options]
"""

import pathlib
import re
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from program import Program as StepProgram  # noqa: E402

PROGRAM = sys.argv.pop(1)
PATIENCE = 10  # seconds for what must happen
HELP = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
WITH_VALUE = re.findall(r"^  (--[\w-]+) \S", HELP, re.M)
HAS_SCOPE = "--root-path" in WITH_VALUE


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


class Program(StepProgram):
    patience = PATIENCE

    def __init__(self, *options):
        super().__init__(PROGRAM, *options)

    def address(self):
        """Where it says that it listens."""
        return re.fullmatch(r"listening on \w+://(.+):\d+\n", self.line).group(1)

    def ask(self, request, host="127.0.0.1"):
        """Returns all that comes back."""
        with self.connect(request.encode(), host) as client, client.makefile("rb") as answer:
            return answer.read().decode()

    def log(self):
        """What it has written to standard error in its life, which ends here."""
        self.stop()
        return super().log()


def scope(prefix=""):
    return f"GET {prefix}/scope HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class CommandLineCase(unittest.TestCase):
    def refuse(self, *options):
        """Returns the one line with which it refuses to start."""
        done = subprocess.run([PROGRAM, *options], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.stdout, done.returncode), ("", 2))
        self.assertTrue(done.stderr.startswith(f"{PROGRAM}: "), done.stderr)
        self.assertRegex(done.stderr, r"\A[ -~]+\n\Z")
        return done.stderr.removeprefix(f"{PROGRAM}: ").rstrip("\n")


class CommandLineTest(CommandLineCase):
    def test_an_option_that_it_does_not_have(self):
        for option in ("--hots", "--hots=x", "x", "-p", ""):
            with self.subTest(option):
                self.assertIn("unknown option", self.refuse(option))

    def test_each_option_needs_its_value(self):
        self.assertIn("--host", WITH_VALUE)
        for option in WITH_VALUE:
            for behind in ([], ["--port"], ["--help"], ["--port=0"]):
                with self.subTest([option, *behind]):
                    self.assertEqual(self.refuse(option, *behind), f"{option} needs a value")

    def test_the_help_shows_each_default(self):
        shown = dict(re.findall(r"^  (--[\w-]+) \S.*\((.+)\)$", HELP, re.M))
        self.assertEqual(set(WITH_VALUE) - set(shown), {"--root-path"} if HAS_SCOPE else set())
        self.assertEqual((shown["--host"], shown["--port"]), ("127.0.0.1", "8000"))
        self.assertEqual(shown.get("--timeout-write", "60"), "60")  # a time
        self.assertEqual(shown.get("--lifespan", "auto"), "auto")  # one of several words
        self.assertEqual(shown.get("--ws-per-message-deflate", "true"), "true")

    def test_a_port_is_a_number_in_range(self):
        for port in ("", "x", "-1", "65536", "80 ", "0x50", "1e3"):
            with self.subTest(port):
                self.assertIn("is not a number in range", self.refuse(f"--port={port}"))

    def test_a_host_can_be_an_address(self):
        with Program("--host", "127.0.0.2") as server:
            self.assertEqual(server.address(), "127.0.0.2")
            server.connect(host="127.0.0.2").close()

    def test_a_host_can_be_a_name(self):
        with Program("--host", "localhost") as server:
            self.assertEqual(server.address(), "127.0.0.1")  # not ::1, which it is as well
            server.connect(host="127.0.0.1").close()

    def test_a_host_that_is_nowhere(self):
        for host in ("x" * 64, "..", "300.1.1.1.", "[::1]"):  # which nobody has to be asked for
            with self.subTest(host):
                refused = self.refuse("--host", host, "--port", "0")
                self.assertRegex(refused, rf"^cannot listen on {re.escape(host)} port 0: \w")

    def test_a_host_that_is_elsewhere(self):
        self.assertIn("cannot listen on 192.0.2.1 port 0: ",
                      self.refuse("--host", "192.0.2.1", "--port", "0"))

    @unittest.skipUnless(has_ipv6(), "this machine has no IPv6")
    def test_a_host_can_be_an_address_of_ipv6(self):
        with Program("--host", "::1") as server:
            self.assertEqual(server.address(), "[::1]")
            server.connect(host="::1").close()

    @unittest.skipUnless(has_ipv6() and HAS_SCOPE, "no IPv6, or no scope to show it")
    def test_clients_of_ipv4_and_ipv6_at_once(self):
        with Program("--host", "::") as server:
            for host in ("127.0.0.1", "::1"):
                lines = server.ask(scope(), host).splitlines()
                self.assertIn(f"server: {host} {server.line.rsplit(':', 1)[1].strip()}", lines)
                self.assertRegex("\n".join(lines), rf"(?m)^client: {host} \d+$")
            self.assertEqual(server.log(), '127.0.0.1 "GET /scope HTTP/1.1" 200\n'
                                           '::1 "GET /scope HTTP/1.1" 200\n')


@unittest.skipUnless(HAS_SCOPE, "this step has no --root-path")
class RootPathTest(CommandLineCase):
    def test_it_begins_each_path(self):
        for given, root in (("/app", "/app"), ("/app/", "/app"), ("/a/b.c~", "/a/b.c~"),
                            ("/", ""), ("", "")):
            with self.subTest(given), Program("--root-path", given) as server:
                lines = server.ask(scope()).splitlines()
                self.assertIn(f"root_path: {root}", lines)
                self.assertIn(f"path: {root}/scope", lines)
                self.assertIn(f"raw_path: {root}/scope", lines)

    def test_the_server_as_a_whole_is_not_below_it(self):
        with Program("--root-path", "/a-long-path") as server:
            answer = server.ask("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertTrue(answer.startswith("HTTP/1.1 404 "), answer)
            self.assertEqual(server.log(), '127.0.0.1 "OPTIONS * HTTP/1.1" 404\n')

    def test_what_is_no_path(self):
        for path in ("app", "app/", "//", "/app//", "/a//b", "/a b", "/a?b", "/a#b", "/a%2fb",
                     "/\u00e9", "/a\n\x1b[31m", "http://x/", "*"):
            with self.subTest(path):
                self.assertIn("--root-path is a path as /app", self.refuse("--root-path", path))


if __name__ == "__main__":
    unittest.main()
