"""A client that everybody has gets the right answers from a step's program.

  curl.py CURL PROGRAM
"""

import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))
import guarded  # noqa: E402

CURL, PROGRAM = sys.argv[1:3]


class Curl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = guarded.Popen([PROGRAM, "--port", "0"], stdout=subprocess.PIPE, text=True)
        cls.url = cls.server.stdout.readline().split()[-1]

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        rest = cls.server.communicate(timeout=10)[0]
        assert (rest, cls.server.returncode) == ("", 0), (rest, cls.server.returncode)

    def curl(self, path, *options, body=None):
        run = subprocess.run([CURL, "-sS", "--max-time", "10", *options, self.url + path],
                             input=body, capture_output=True, check=True)
        return run.stdout

    def test_get(self):
        self.assertEqual(self.curl("/"), b"Hello, World!")

    def test_head(self):
        self.assertIn(b"content-length: 13", self.curl("/", "--head"))

    def test_http_1_0(self):
        self.assertEqual(self.curl("/", "--http1.0"), b"Hello, World!")

    def test_status(self):
        self.assertEqual(self.curl("/nothing", "-o", "/dev/null", "-w", "%{http_code}"), b"404")

    def test_reflect(self):
        text = self.curl("/reflect?x=1", "-H", "X-One: two")
        self.assertTrue(text.startswith(b"GET /reflect?x=1 HTTP/1.1\nhost: 127.0.0.1:"), text)
        self.assertIn(b"\nx-one: two\n", text)

    def test_body(self):
        self.assertEqual(self.curl("/echo", "--data-binary", "@-", body=b"a\r\nb\0c"), b"a\r\nb\0c")

    def test_large_body_with_expect(self):
        body = bytes(range(256)) * 8000
        self.assertEqual(self.curl("/echo", "--data-binary", "@-", body=body), body)

    def test_chunked_body(self):
        body = b"0123456789" * 20000
        chunked = ["-T", "-", "-H", "Transfer-Encoding: chunked"]
        self.assertEqual(self.curl("/echo", *chunked, body=body), body)

    def test_one_connection_for_two_requests(self):
        text = self.curl("/", "-w", " %{num_connects}", self.url + "/")
        self.assertEqual(text, b"Hello, World! 1Hello, World! 0")

    def test_refused_upload(self):
        status = self.curl("/", "-T", "-", "-o", "/dev/null", "-w", "%{http_code}",
                           body=b"x" * 3_000_000)
        self.assertEqual(status, b"405")


unittest.main(argv=sys.argv[:1])
