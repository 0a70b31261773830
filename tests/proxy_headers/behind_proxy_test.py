#!/usr/bin/env python3
"""--proxy-headers, from outside: what the application and the access log see of a client.

usage: behind_proxy_test.py PROGRAM [unittest's options]
"""

import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from program import Program  # noqa: E402

PROGRAM = os.path.abspath(sys.argv.pop(1))
REPORTED = b"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n"


def request(fields=b"", target=b"/scope", last=True):
    return (b"GET %b HTTP/1.1\r\nHost: x\r\n%b%b\r\n"
            % (target, fields, b"Connection: close\r\n" if last else b""))


class BehindProxyTest(unittest.TestCase):
    def ask(self, octets, *options):
        """Returns all answers, and the lines of the access log."""
        with Program(PROGRAM, *options) as server:
            with server.connect(octets) as client:
                answer = client.makefile("rb").read().decode()
            self.assertEqual(server.stop(), 0)
            return answer, server.log().splitlines()

    def test_who_is_trusted_is_believed(self):
        answer, log = self.ask(request(REPORTED), "--proxy-headers")
        self.assertIn("\nscheme: https\n", answer)
        self.assertIn("\nclient: 192.0.2.7 0\n", answer)
        self.assertEqual(log, ['192.0.2.7 "GET /scope HTTP/1.1" 200'])

    def test_it_is_off_unless_it_is_given(self):
        answer, log = self.ask(request(REPORTED))
        self.assertIn("\nscheme: http\n", answer)
        self.assertIn("\nclient: 127.0.0.1 ", answer)
        self.assertEqual(log, ['127.0.0.1 "GET /scope HTTP/1.1" 200'])

    def test_a_client_that_is_not_trusted_can_forge_nothing(self):
        answer, log = self.ask(request(REPORTED), "--proxy-headers",
                               "--forwarded-allow-ips", "192.0.2.1,10.0.0.0/8")
        self.assertIn("\nscheme: http\n", answer)
        self.assertIn("\nclient: 127.0.0.1 ", answer)
        self.assertEqual(log, ['127.0.0.1 "GET /scope HTTP/1.1" 200'])

    def test_what_stands_before_the_proxys_own_report_is_not_believed(self):
        fields = b"X-Forwarded-For: 203.0.113.9, 127.0.0.1\r\nX-Forwarded-For: 192.0.2.7\r\n"
        answer, log = self.ask(request(fields), "--proxy-headers")
        self.assertIn("\nclient: 192.0.2.7 0\n", answer)
        self.assertEqual(log, ['192.0.2.7 "GET /scope HTTP/1.1" 200'])

    def test_each_request_of_a_connection_has_its_own_client(self):
        answer, log = self.ask(request(REPORTED, last=False) + request(last=False)
                               + request(REPORTED.replace(b"2.7", b"2.8")), "--proxy-headers")
        clients = [line.split()[1] for line in answer.splitlines() if line.startswith("client: ")]
        self.assertEqual(clients, ["192.0.2.7", "127.0.0.1", "192.0.2.8"])
        self.assertEqual([line.split()[0] for line in log], clients)

    def test_a_websocket_too(self):
        handshake = (REPORTED + b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                     b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nConnection: Upgrade\r\n")
        _, log = self.ask(request(handshake, b"/ws/nowhere"), "--proxy-headers")
        self.assertEqual(log, ['192.0.2.7 "GET /ws/nowhere HTTP/1.1" 403'])

    def test_a_list_that_is_none_is_one_line(self):
        done = subprocess.run([PROGRAM, "--port", "0", "--proxy-headers",
                               "--forwarded-allow-ips", "localhost"],
                              capture_output=True, text=True, timeout=20)
        self.assertEqual((done.stdout, done.returncode), ("", 2))
        self.assertEqual(done.stderr, f"{PROGRAM}: --forwarded-allow-ips: 'localhost' is neither "
                                      "an address, nor a network, nor *\n")


if __name__ == "__main__":
    unittest.main()
