#!/usr/bin/env python3
"""The access log of a step, from outside: a line for every answer, whoever has given it.

usage: access_log_test.py PROGRAM [unittest's options]
"""

import base64
import contextlib
import os
import re
import signal
import socket
import unittest

from demo_test import PATIENCE, Program, get, read_to_end

LONG = 16384  # octets: the limit of a request line


def line(request, status, client="127.0.0.1"):
    return f'{client} "{request}" {status}'


def request(text, fields="Host: x\r\n"):
    return f"{text}\r\n{fields}\r\n".encode()


class LogTest(unittest.TestCase):
    def assert_log(self, server, *lines):
        """Ends the server: exactly these lines are what it has logged."""
        self.assertEqual(server.stop(), 0)
        self.assertEqual(server.log().splitlines(), list(lines))

    def assert_answers(self, server, octets, *statuses):
        """Whoever sends `octets` gets these answers, and the end of the connection."""
        with server.connect(octets) as client:
            client.shutdown(socket.SHUT_WR)
            lines = re.findall(rb"HTTP/1\.1 (\d{3}) ", read_to_end(client))
        self.assertEqual([int(status) for status in lines], list(statuses))

    def assert_each(self, cases, *options):
        """Of each request and its line: the client gets the status, and the log has the line."""
        with Program(*options) as server:
            for octets, expected in cases:
                with self.subTest(expected):
                    self.assert_answers(server, octets, int(expected[-3:]))
            self.assert_log(server, *(expected for _, expected in cases))


class HttpTest(LogTest):
    def test_the_applications_answers(self):
        self.assert_each([
            (get("/?q=1"), line("GET /?q=1 HTTP/1.1", 200)),
            (get("/", "1.0"), line("GET / HTTP/1.0", 200)),
            (request("HEAD / HTTP/1.1"), line("HEAD / HTTP/1.1", 200)),
            (get("http://x/none"), line("GET /none HTTP/1.1", 404)),
            (request("DELETE / HTTP/1.1"), line("DELETE / HTTP/1.1", 405)),
            (request("OPTIONS * HTTP/1.1"), line("OPTIONS * HTTP/1.1", 404))])

    def test_no_request_line(self):
        """What is not a request line is not shown."""
        self.assert_each([(octets, line("-", status)) for octets, status in (
            (b"GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
            (b"\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
            (b"GET / HTTP/1.1\nHost: x\n\n", 400),
            (b"GET /" + b"a" * LONG, 414),
            (b"A" * 33 + b" / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505))])

    def test_refused_after_the_request_line(self):
        """The request line is shown as it was sent."""
        self.assert_each([
            (request("GET /a HTTP/1.1", ""), line("GET /a HTTP/1.1", 400)),
            (request("GET /b HTTP/1.0", "a b\r\n"), line("GET /b HTTP/1.0", 400)),
            (request("GET /%zz HTTP/1.1"), line("GET /%zz HTTP/1.1", 400)),
            (request("GET * HTTP/1.1"), line("GET * HTTP/1.1", 400)),
            (request("HEAD http://y/c?d HTTP/1.1"), line("HEAD http://y/c?d HTTP/1.1", 400)),
            (request("GET /e HTTP/1.1", "a: " + "b" * 40000), line("GET /e HTTP/1.1", 431)),
            (request("GET /f HTTP/1.1", "a: b\r\n" * 101), line("GET /f HTTP/1.1", 431)),
            (request("CONNECT x:443 HTTP/1.1"), line("CONNECT x:443 HTTP/1.1", 501))])

    def test_refused_for_its_body(self):
        fields = "Host: x\r\nTransfer-Encoding: "
        self.assert_each([
            (request("POST /echo HTTP/1.1", "Host: x\r\nContent-Length: 11\r\n"),
             line("POST /echo HTTP/1.1", 413)),
            (request("POST /echo HTTP/1.1", fields + "chunked\r\n") + b"6\r\nabcdef\r\n5\r\nghijk\r\n",
             line("POST /echo HTTP/1.1", 413)),
            (request("POST /upload HTTP/1.1", fields + "chunked\r\n") + b"x\r\n",
             line("POST /upload HTTP/1.1", 400)),
            (request("POST /echo?a HTTP/1.1", "Host: x\r\nExpect: 200-ok\r\n"),
             line("POST /echo?a HTTP/1.1", 417)),
            (request("POST /echo HTTP/1.1", fields + "gzip\r\n"),
             line("POST /echo HTTP/1.1", 501))],
            "--limit-request-body", "10")

    def test_pipelined(self):
        """A line for each, in their order, and each with its own request."""
        with Program() as server:
            requests = request("GET /one HTTP/1.1") + request("HEAD / HTTP/1.1")
            self.assert_answers(server, requests + b"GET\n", 404, 200, 400)
            self.assert_answers(server, requests + request("GET /two HTTP/1.1", ""), 404, 200, 400)
            answered = line("GET /one HTTP/1.1", 404), line("HEAD / HTTP/1.1", 200)
            self.assert_log(
                server, *answered, line("-", 400), *answered, line("GET /two HTTP/1.1", 400))

    def test_too_slow(self):
        started = (
            b"GET /a", b"GET /a HTTP/1.1\r\nHost: x\r\n", request("GET /one HTTP/1.1") + b"HEAD",
            request("POST /echo HTTP/1.1", "Host: x\r\nContent-Length: 9\r\n") + b"1")
        options = "--timeout-request-head", "1", "--timeout-request-body", "1"
        with Program(*options) as server, contextlib.ExitStack() as stack:
            clients = [stack.enter_context(server.connect(octets)) for octets in started]
            for client in clients:
                self.assertIn(b"HTTP/1.1 408 ", read_to_end(client))
            self.assertEqual(server.stop(), 0)
            self.assertEqual(sorted(server.log().splitlines()), sorted([
                line("-", 408), line("GET /a HTTP/1.1", 408), line("GET /one HTTP/1.1", 404),
                line("-", 408), line("POST /echo HTTP/1.1", 408)]))

    def test_nothing_asked(self):
        """Who says nothing gets no answer, so there is no line."""
        with Program("--timeout-keep-alive", "1") as server:
            for octets in b"", b"\r\n", b"GET /":
                self.assert_answers(server, octets)
            with server.connect(request("GET /none HTTP/1.1")) as client:
                self.assertIn(b"HTTP/1.1 404 ", read_to_end(client))
            self.assert_log(server, line("GET /none HTTP/1.1", 404))

    def test_too_many_connections(self):
        with Program("--limit-concurrency", "1") as server:
            with server.connect(request("GET /late HTTP/1.1")) as client:
                self.assertIn(b"HTTP/1.1 200 ", client.recv(65536))
                self.assert_answers(server, b"", 503)
            self.assert_log(server, line("GET /late HTTP/1.1", 200), line("-", 503))

    def test_failures(self):
        """First why, then what the client got."""
        with Program() as server:
            self.assert_answers(server, get("/fail/before"), 500)
            self.assert_answers(server, get("/fail/after"), 200)
            self.assert_log(
                server, "application failed: failing as asked, before the response",
                line("GET /fail/before HTTP/1.1", 500),
                "application failed: failing as asked, in the middle of the response",
                line("GET /fail/after HTTP/1.1", 200))

    def test_the_client_left_before_its_answer(self):
        with Program() as server:
            self.assert_answers(server, request("POST /echo HTTP/1.1", "Host: x\r\nContent-Length: 9\r\n"))
            self.assert_log(server, line("POST /echo HTTP/1.1", "-"))

    def test_a_client_cannot_write_lines(self):
        """Only a target is shown, and what a line could be forged with is refused in it."""
        target = r"/%0a%1b[31m?%0d%0a'`|{}\x0a"
        forged = "\r\n" + line("GET /forged HTTP/1.1", 200) + "\x1b[31m"
        with Program() as server:
            self.assert_answers(server, get(target), 404)
            self.assert_answers(server, request("GET /a HTTP/1.1", f"Host: x\r\na: \x1b[31m\"{forged}"), 400)
            for octets in b"\n", b"\r", b"\x1b", b"\0", b"\x7f", b'"', b"\x80", b"\xc2\x9b":
                self.assert_answers(server, b"GET /a" + octets + b" HTTP/1.1\r\nHost: x\r\n\r\n", 400)
                self.assert_answers(server, b"GE" + octets + b"T / HTTP/1.1\r\nHost: x\r\n\r\n", 400)
            self.assert_log(server, line(r"GET /%0a%1b[31m?%0d%0a'`|{}\x5cx0a HTTP/1.1", 404),
                            line("GET /a HTTP/1.1", 400), *[line("-", 400)] * 16)

    def test_a_line_is_short(self):
        """As long as PIPE_BUF at most: what other processes write cannot get into it."""
        target = "/" + "a" * (LONG - 100)
        with Program("--root-path", "/" + "r" * 5000) as server:
            self.assert_answers(server, get(target), 404)
            self.assert_answers(server, request(f"GET {target} HTTP/1.1", ""), 400)
            self.assertEqual(server.stop(), 0)
            accepted, refused = server.log().splitlines()
        for text, status in (accepted, 404), (refused, 400):
            self.assertLess(len(text), 4096)
            self.assertRegex(text, rf'^127\.0\.0\.1 "GET /[ar]+\.\.\. HTTP/1\.1" {status}$')

    def test_none_if_not_wanted(self):
        with Program("--no-access-log") as server:
            self.assert_answers(server, get("/"), 200)
            self.assert_answers(server, b"GET\t/", 400)
            self.assert_answers(server, get("/fail/before"), 500)
            self.assert_log(server, "application failed: failing as asked, before the response")


def handshake(path, version=13):
    key = base64.b64encode(os.urandom(16)).decode()
    return request(f"GET {path} HTTP/1.1", (
        "Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: {version}\r\n"))


class WebSocketTest(LogTest):
    def test_answers_to_a_handshake(self):
        self.assert_each([
            (handshake("/ws/deny?a"), line("GET /ws/deny?a HTTP/1.1", 401)),
            (handshake("/ws/none"), line("GET /ws/none HTTP/1.1", 403)),
            (handshake("/ws/echo", 12), line("GET /ws/echo HTTP/1.1", 426)),
            (handshake("/ws/echo").replace(b"Sec-WebSocket-Key: ", b"Sec-WebSocket-Key: x"),
             line("GET /ws/echo HTTP/1.1", 400)),
            (handshake("/ws/echo"), line("GET /ws/echo HTTP/1.1", 101))])

    def test_open_when_the_server_stops(self):
        with Program() as server, server.connect(handshake("/ws/echo")) as client:
            self.assertIn(b"HTTP/1.1 101 ", client.recv(65536))
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(client.recv(65536)[:1], b"\x88")  # Close,
            client.sendall(b"\x88\x80\0\0\0\0")  # and the answer to it
            read_to_end(client)
            self.assertEqual(server.process.wait(PATIENCE), 0)
            self.assertEqual(server.log(), line("GET /ws/echo HTTP/1.1", 101) + "\n")


if __name__ == "__main__":
    unittest.main()
