#!/usr/bin/env python3
"""The demo's paths and the command line of a step, from outside.

usage: demo_test.py PROGRAM [unittest's options]
"""

import contextlib
import http.client
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402
from program import Program as StepProgram  # noqa: E402

PROGRAM = sys.argv.pop(1)
PATIENCE = 5  # seconds for what must happen


class Program(StepProgram):
    patience = PATIENCE

    def __init__(self, *options):
        super().__init__(PROGRAM, *options)

    def ask(self, target, method="GET", body=None, headers=None):
        """Returns status, headers and body of the answer to one request."""
        with contextlib.closing(http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=PATIENCE)) as connection:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def exchange(self, request):
        """Returns all that comes back."""
        with self.connect(request) as client:
            return read_to_end(client)


def read_to_end(client):
    received = b""
    while piece := client.recv(65536):
        received += piece
    return received


def get(target, version="1.1"):
    return f"GET {target} HTTP/{version}\r\nHost: x\r\nConnection: close\r\n\r\n".encode()


class DemoTest(unittest.TestCase):
    """All paths, on one program."""

    @classmethod
    def setUpClass(cls):
        cls.server = Program()
        cls.addClassCleanup(cls.server.__exit__)

    def test_a_page_that_depends_on_accept_says_so(self):
        """RFC 9110 section 12.5.5: else a cache gives the one to who asks for the other."""
        seen = {}
        for method in ("GET", "HEAD"):
            for accept in ("text/html,application/xhtml+xml", "*/*", "text/plain", None):
                fields = {"Accept": accept} if accept else {}
                status, headers, _ = self.server.ask("/", method, headers=fields)
                self.assertEqual(status, 200)
                seen[method, accept] = (headers["content-type"], headers["content-length"],
                                        headers.get("vary"))
        for (_, accept), found in seen.items():
            self.assertEqual(found, seen["GET", accept])  # HEAD has the fields of GET
        if len({kind for kind, _, _ in seen.values()}) > 1:
            self.assertEqual({vary for _, _, vary in seen.values()}, {"accept"})

    def test_big_has_a_length(self):
        for size in (0, 1, 65536, 1000000):
            status, headers, body = self.server.ask(f"/big?n={size}")
            self.assertEqual((status, headers["content-length"]), (200, str(size)))
            self.assertEqual(body, b"x" * size)

    def test_stream_is_chunked(self):
        for size in (1, 65536, 1000000):
            status, headers, body = self.server.ask(f"/stream?n={size}")
            self.assertEqual((status, headers["transfer-encoding"]), (200, "chunked"))
            self.assertNotIn("content-length", headers)
            self.assertEqual(body, b"x" * size)
        self.assertEqual(self.server.ask("/stream?n=0")[2], b"")

    def test_stream_to_http_1_0_ends_with_the_connection(self):
        answer = self.server.exchange(get("/stream?n=100000", "1.0"))
        head, body = answer.split(b"\r\n\r\n", 1)
        self.assertNotIn(b"transfer-encoding", head)
        self.assertEqual(body, b"x" * 100000)

    def test_size_must_be_a_number(self):
        for target in ("/big", "/stream", "/big?n=", "/big?n=-1", "/big?n=1x", "/big?m=1",
                       "/stream?n=99999999999999999999"):
            self.assertEqual(self.server.ask(target)[0], 400, target)

    def test_head_of_a_large_answer(self):
        status, headers, body = self.server.ask("/big?n=1000000", "HEAD")
        self.assertEqual((status, headers["content-length"], body), (200, "1000000", b""))

    def test_head_of_an_endless_answer(self):
        """There is no client to wait for: the others must not wait either."""
        for path in b"/big", b"/stream":
            with self.server.connect(b"HEAD %s?n=%d HTTP/1.1\r\nHost: x\r\n\r\n" % (path, 2**64 - 1)):
                self.assertEqual(self.server.ask("/")[0], 200, path)

    def test_late_answers_at_once(self):
        with self.server.connect(
                b"POST /late HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n") as client:
            answer = client.recv(65536)
            self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK\r\n"))
            self.assertIn(b"connection: close\r\n", answer)

    def test_upload_counts_what_comes(self):
        self.assertEqual(self.server.ask("/upload", "POST", b"u" * 3000000)[2], b"3000000 octets\n")
        chunks = iter([b"abc", b"de"])
        self.assertEqual(self.server.ask("/upload", "POST", chunks)[2], b"5 octets\n")

    def test_events_come_one_by_one(self):
        with self.server.connect(get("/events")) as client:
            received = b""
            while b"data: 1\n\n" not in received:
                received += client.recv(65536)
            self.assertIn(b"content-type: text/event-stream\r\n", received)
            self.assertNotIn(b"data: 2\n\n", received)
            received += read_to_end(client)
        self.assertEqual(re.findall(rb"data: (\d)\n\n", received), [b"1", b"2", b"3", b"4", b"5"])
        self.assertTrue(received.endswith(b"\r\n0\r\n\r\n"))

    def test_counter_counts(self):
        first = int(self.server.ask("/counter")[2])
        self.assertEqual(self.server.ask("/counter")[2], b"%d\n" % (first + 1))

    def test_scope_as_text(self):
        status, _, body = self.server.ask("/scope?a=%20b", headers={"X-Two": "2", "Host": "h"})
        lines = body.decode().splitlines()
        self.assertEqual(status, 200)
        for line in ("type: http", "asgi.version: 3.0", "asgi.spec_version: 2.5",
                     "http_version: 1.1", "method: GET", "scheme: http", "path: /scope",
                     "raw_path: /scope", "query_string: a=%20b", "root_path: ", "headers x-two: 2",
                     "headers host: h", "state: counter", "extensions: http.response.trailers",
                     f"server: 127.0.0.1 {self.server.port}"):
            self.assertIn(line, lines)
        self.assertRegex(body.decode(), r"(?m)^client: 127\.0\.0\.1 \d+$")

    def test_request_id(self):
        for target in "/", "/none", "/stream?n=100000", "/echo":
            headers = self.server.ask(target, headers={"X-Request-Id": "7 \t\xe9"})[1]
            self.assertEqual(headers["x-request-id"], "7 \t\xe9")
            self.assertNotIn("x-request-id", self.server.ask(target)[1])

    def test_failing_before_the_response(self):
        answer = self.server.exchange(b"GET /fail/before HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 500 Internal Server Error\r\n"))
        self.assertIn(b"connection: close\r\n", answer)
        self.assertNotIn(b"failing as asked", answer)  # that is for the log

    def test_failing_after_the_response_has_begun(self):
        answer = self.server.exchange(b"GET /fail/after HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK\r\n"))
        self.assertTrue(answer.endswith(b"\r\n\r\n10\r\nthis is not all\n\r\n"))


class CommandLineTest(unittest.TestCase):
    def test_lifespan(self):
        for option in ("auto", "on"):
            with Program("--lifespan", option) as server:
                self.assertEqual(server.ask("/counter")[2], b"1\n")
                self.assertEqual(server.stop(), 0)
        with Program("--lifespan=off") as server:
            self.assertEqual(server.ask("/")[2], b"Hello, World!")
            self.assertEqual(server.ask("/counter")[0], 500)  # there is no state
            self.assertEqual(server.stop(), 0)
            self.assertIn("application failed: there is no lifespan state\n", server.log())

    def test_lifespan_of_another_kind(self):
        with Program("--lifespan", "perhaps") as server:
            self.assertEqual(server.process.wait(PATIENCE), 2)
            self.assertEqual(server.log().count("\n"), 1)

    def test_a_log_that_nobody_reads_does_not_end_the_server(self):
        with guarded.Popen([PROGRAM, "--port", "0"], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True) as process:
            process.stderr.close()
            port = int(process.stdout.readline().rsplit(":", 1)[1])
            for _ in range(3):
                with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
                    client.sendall(get("/"))
                    self.assertTrue(read_to_end(client).endswith(b"Hello, World!"))
            process.terminate()
            self.assertEqual(process.wait(PATIENCE), 0)

    def test_signal_during_a_stream(self):
        with Program("--timeout-graceful-shutdown", "1") as server:
            with server.connect(get("/stream?n=1000000000000")) as client:
                client.recv(65536)
                begun = time.monotonic()
                self.assertEqual(server.stop(signal.SIGINT), 0)
                self.assertLess(time.monotonic() - begun, 4)


if __name__ == "__main__":
    unittest.main()
