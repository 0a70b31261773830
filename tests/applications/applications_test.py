#!/usr/bin/env python3
"""Applications of frameworks that others have written, unmodified, on the program of a step.

usage: applications_test.py PROGRAM STEP TEST   (the step's directory; FastAPITest, for example)
"""

import concurrent.futures
import http.client
import http.cookiejar
import importlib.util
import json
import pathlib
import re
import sys
import time
import unittest
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))
from server import PATIENCE, Server, WebSocket  # noqa: E402

PROGRAM, STEP = sys.argv[1], pathlib.Path(sys.argv[2])
LARGE = bytes(3_000_000)


class FrameworkCase(unittest.TestCase):
    MODULE = ""
    ATTRIBUTE = "app"
    OPTIONS = ("--timeout-graceful-shutdown", "1")

    def setUp(self):
        name = f"with_{self.MODULE}:{self.ATTRIBUTE}"
        self.server = Server(PROGRAM, name, *self.OPTIONS, directory=STEP / "applications")
        self.addCleanup(self.server.__exit__)
        self.assertIsNotNone(self.server.port, self.server.log())

    def get(self, target):
        """A client that has asked, and has not read yet."""
        return self.server.connect(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    def post(self, target, body, kind="application/octet-stream"):
        return self.server.ask(target, "POST", body, {"content-type": kind})

    def assert_failure(self):
        """A 500, and the exception in the log; the next request is served."""
        self.assertEqual(self.server.ask("/fail")[0], 500)
        self.server.wait_for_log("ValueError: as asked")
        self.assertEqual(self.server.ask("/")[0], 200)

    def assert_seen(self, word):
        end = time.monotonic() + PATIENCE
        while word not in json.loads(self.server.text("/seen")):
            self.assertLess(time.monotonic(), end)

    def assert_ends(self):
        self.assertEqual(self.server.stop(), 0)
        self.assertIn("shutdown", self.server.process.stdout.read())

    def assert_echoes(self, target):
        with WebSocket(self.server, target) as client:
            for text in ("Hello", "\u20ac" * 1000):
                client.send(text)
                self.assertEqual(client.receive(), text)
            self.assertEqual(client.close(), 1000)


    def assert_json(self):
        body = self.post("/json", b'{"a": [1]}', "application/json")[2]
        self.assertEqual(json.loads(body), {"got": {"a": [1]}})

    def assert_events(self, target):
        """Server-sent events, which come while the response goes on."""
        _, headers, body = self.server.ask(target)
        fields = {name.lower(): value for name, value in headers.items()}
        self.assertEqual(fields["content-type"].partition(";")[0], "text/event-stream")
        self.assertEqual(fields["transfer-encoding"], "chunked")
        self.assertEqual(body, b"data: 0\n\ndata: 1\n\ndata: 2\n\n")


class StarletteTest(FrameworkCase):
    MODULE = "starlette"

    def test_all(self):
        self.assertEqual(self.server.text("/?name=x%20y"), "Hello, x y!")
        uploaded = json.loads(self.post("/upload", LARGE)[2])
        self.assertEqual(uploaded["size"], len(LARGE))
        self.assertEqual(uploaded["url"], f"http://127.0.0.1:{self.server.port}/upload")
        self.assert_json()
        self.assert_events("/stream")
        self.assertEqual(self.server.text("/thread"), "False")
        self.assertEqual(self.server.ask("/nothing")[0], 404)
        self.assertEqual(self.server.ask("/upload")[0], 405)
        self.assertEqual(self.server.text("/later"), "soon\n")
        self.assert_seen("task")
        self.assertEqual(json.loads(self.server.text("/seen"))[0], "startup")
        self.assert_echoes("/echo")
        self.assert_failure()
        self.assert_ends()

    def test_a_client_with_one_connection_after_an_exception(self):
        connection = self.server.http()
        for target, status in (("/fail", 500), ("/", 200)):
            connection.request("GET", target)
            answer = connection.getresponse()
            answer.read()
            self.assertEqual(answer.status, status)
        connection.close()


class FastAPITest(FrameworkCase):
    MODULE = "fastapi"

    def test_all(self):
        self.assertEqual(json.loads(self.server.text("/?name=x%20y")), {"hello": "x y"})
        self.assertEqual(json.loads(self.post("/upload", LARGE)[2]), {"size": len(LARGE)})
        self.assert_events("/stream")
        self.assertEqual(self.server.text("/thread"), "false")
        self.assertEqual(self.server.ask("/nothing")[0], 404)
        self.assertEqual(self.server.text("/later"), '"soon"')
        self.assert_seen("task")
        self.assertEqual(json.loads(self.server.text("/seen"))[0], "startup")
        self.assertEqual(json.loads(self.server.text("/items/7")), {"number": 7})
        self.assertEqual(self.server.ask("/items/seven")[0], 422)
        self.assertEqual(json.loads(self.server.text("/sessions"))[:2], ["open", "closed"])
        order = json.dumps({"name": "tea", "count": 2}).encode()
        status, _, body = self.post("/orders", order, "application/json")
        self.assertEqual((status, json.loads(body)), (201, {"ordered": ["tea", "tea"]}))
        self.assertEqual(self.post("/orders", b"{}", "application/json")[0], 422)
        self.assertIn("swagger", self.server.text("/docs"))
        self.assertIn("/orders", json.loads(self.server.text("/openapi.json"))["paths"])
        with WebSocket(self.server, "/double") as client:
            client.send("21")
            self.assertEqual(client.receive(), "42")
            self.assertEqual(client.close(), 1000)
        self.assertNotIn("Traceback", self.server.log())
        self.assert_failure()
        self.assert_ends()


class QuartTest(FrameworkCase):
    MODULE = "quart"

    def test_all(self):
        self.assertEqual(self.server.text("/?name=x%20y"), "Hello, x y!")
        self.assert_json()
        self.assertEqual(self.post("/upload", LARGE)[2], b"3000000 octets")
        self.assertEqual(self.server.text("/stream"), "0\n1\n2\n")
        self.assert_events("/events")
        self.assertEqual(self.server.text("/thread"), "False")
        self.assertEqual(self.server.ask("/nothing")[0], 404)
        self.assertEqual(self.server.text("/later"), "soon")
        self.assert_seen("task")
        self.assert_echoes("/echo")
        self.assert_failure()
        self.assert_ends()

    def test_many_requests_on_one_connection(self):
        """Quart leaves a receive() waiting in each request, and cancels it."""
        connection = self.server.http()
        for _ in range(100):
            connection.request("GET", "/")
            self.assertEqual(connection.getresponse().read(), b"Hello, World!")
        connection.close()


class DjangoTest(FrameworkCase):
    MODULE = "django"

    def test_all(self):
        self.assertEqual(self.server.text("/?name=x%20y"), "Hello, x y!")
        self.assertEqual(json.loads(self.server.text("/users")), ["admin"])
        self.assertEqual(self.post("/upload", LARGE)[2], b"3000000 octets")
        self.assert_json()
        self.assertEqual(self.server.text("/stream"), "0\n1\n2\n")
        self.assert_events("/events")
        self.assertEqual(self.server.text("/thread"), "False")
        self.assertIn("DJANGO", self.server.text("/static/admin/css/base.css"))
        self.assertEqual(self.server.ask("/nothing")[0], 404)
        self.assert_failure()

    def test_to_log_in_to_the_admin(self):
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        browser = urllib.request.build_opener(jar)
        url = f"http://127.0.0.1:{self.server.port}/admin/"
        page = browser.open(url, timeout=PATIENCE).read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        form = urllib.parse.urlencode({"username": "admin", "password": "admin",
                                       "csrfmiddlewaretoken": token, "next": "/admin/"}).encode()
        page = browser.open(f"{url}login/", form, timeout=PATIENCE).read().decode()
        self.assertIn("Site administration", page)

    def test_it_has_no_lifespan(self):
        self.assertNotIn("lifespan", self.server.log())


class FlaskCase(FrameworkCase):
    MODULE = "flask"

    def assert_answers(self):
        self.assertEqual(self.server.text("/?name=x%20y"), "Hello, x y!")
        form = self.post("/form", b"a=1&b=%20", "application/x-www-form-urlencoded")[2]
        self.assertEqual(json.loads(form), {"a": "1", "b": " "})
        self.assert_json()
        self.assertEqual(self.post("/upload", LARGE)[2], b"3000000 octets")
        self.assertEqual(self.server.text("/stream"), "0\n1\n2\n")
        self.assert_events("/events")
        self.assertEqual(self.server.ask("/", "HEAD")[::2], (200, b""))
        self.assertEqual(self.server.ask("/nothing")[0], 404)
        self.assert_failure()
        self.assertEqual(self.server.stop(), 0)

    def ask_four(self, target):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            return list(pool.map(self.server.text, [target] * 4))


class FlaskTest(FlaskCase):
    def test_all(self):
        self.assert_answers()

    def test_one_request_at_a_time(self):
        """The bridge has one thread, so that four views of 0.1 s take 0.4 s."""
        before = time.monotonic()
        self.assertEqual(self.ask_four("/sleep"), ["slept"] * 4)
        self.assertGreaterEqual(time.monotonic() - before, 0.4)

    def test_a_view_that_is_a_coroutine(self):
        """It runs in the server's loop; but the one thread waits for it, and so do the others."""
        before = time.monotonic()
        self.assertEqual(self.ask_four("/async"), ["slept in MainThread"] * 4)
        self.assertGreaterEqual(time.monotonic() - before, 0.4)


class FlaskPoolTest(FlaskCase):
    """The same views, and the other bridge."""
    ATTRIBUTE = "pooled"

    def test_all(self):
        self.assert_answers()

    def test_many_requests_at_a_time(self):
        self.assertEqual(self.ask_four("/together"), ["all four"] * 4)

    def test_a_view_that_is_a_coroutine(self):
        """It runs in a loop of its own, in the thread of its request."""
        self.assertIn("slept in ThreadPoolExecutor", self.server.text("/async"))

    def test_a_body_in_chunks(self):
        pieces = iter([b"a" * 10, b"b" * 20])
        self.assertEqual(self.post("/upload", pieces)[2], b"30 octets")

    def test_a_client_that_leaves_a_stream(self):
        with self.get("/endless") as client:
            client.recv(1)
        self.assertEqual(self.server.process.stdout.readline(), "the stream has ended\n")
        self.assertNotIn("application failed", self.server.log())

    def test_slow_readers_hold_back_their_threads_only(self):
        clients = [self.get("/endless") for _ in range(8)]
        for client in clients:
            client.recv(1)
        self.assertEqual(self.ask_four("/together"), ["all four"] * 4)
        for client in clients:
            client.close()

    def test_the_end_in_the_middle_of_a_stream(self):
        with self.get("/endless") as client:
            client.recv(1)
            self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.server.process.stdout.readline(), "the stream has ended\n")


class WsgiPoolTest(unittest.TestCase):
    """The bridge by itself: it needs no framework."""
    MODULE = "wsgiref"

    def serve(self, name, *options):
        """Starts the server for one test."""
        server = Server(PROGRAM, name, *options, directory=pathlib.Path(__file__).parent,
                        PYTHONPATH=str(STEP / "applications"))
        self.addCleanup(server.__exit__)
        return server

    def test_it_is_wsgi(self):
        """The validator of Python's library raises of anything that is not."""
        server = self.serve("wsgi_probes:validated")
        for method, target, body, status in (
                ("GET", "/", None, 200), ("POST", "/", b"x", 200), ("GET", "/replace", None, 503)):
            self.assertEqual(server.ask(target, method, body)[0], status)
        self.assertNotIn("Traceback", server.log())

    def test_what_it_is_told(self):
        server = self.serve("wsgi_probes:app", "--root-path", "/below")
        request = ("POST /%C3%A9?q=%20 HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nX-A: 2\r\nX_B: 3\r\n"
                   "Cookie: a=1\r\nCookie: b=2\r\nContent-Type: text/x\r\nContent-Length: 2\r\n"
                   "Connection: close\r\n\r\nab")
        with server.connect(request.encode()) as client, client.makefile("rb") as answer:
            told = json.loads(re.search(rb"{.*}", answer.read())[0])
        self.assertEqual({key: told.get(key) for key in (
            "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "HTTP_X_A", "HTTP_X_B",
            "HTTP_COOKIE", "CONTENT_TYPE", "CONTENT_LENGTH", "REMOTE_ADDR", "SERVER_PORT")}, {
            "REQUEST_METHOD": "POST", "SCRIPT_NAME": "/below", "PATH_INFO": "/\u00c3\u00a9",
            "QUERY_STRING": "q=%20", "HTTP_X_A": "1, 2", "HTTP_X_B": None,
            "HTTP_COOKIE": "a=1; b=2", "CONTENT_TYPE": "text/x", "CONTENT_LENGTH": "2",
            "REMOTE_ADDR": "127.0.0.1", "SERVER_PORT": str(server.port)})

    def test_what_breaks_the_rules(self):
        server = self.serve("wsgi_probes:app")
        for target, error in (("/start/twice", "start_response() a second time"),
                              ("/start/never", "a body before start_response()")):
            self.assertEqual(server.ask(target)[0], 500)
            server.wait_for_log(f"application failed: RuntimeError: {error}")
        with self.assertRaises(http.client.IncompleteRead):
            server.ask("/fail/after")
        server.wait_for_log("application failed: ValueError: as asked")
        self.assertEqual(server.ask("/replace")[::2], (503, b"replaced"))


class TrioTest(FrameworkCase):
    MODULE = "trio"

    def test_all(self):
        self.assertEqual(self.server.text("/"), "Hello from Trio!")
        self.assertEqual(self.server.text("/race"),
                         "the tortoise has come first, the hare has given up")
        self.assertEqual(self.post("/upload", LARGE)[2], b"3000000 octets")
        self.assertEqual(self.server.ask("/nothing")[0], 404)
        self.assert_echoes("/echo")
        self.assert_failure()
        self.assertEqual(self.server.stop(), 0)

    def test_a_client_that_leaves_a_stream(self):
        with self.get("/ticks") as client:
            client.recv(1)
        self.assertEqual(self.server.process.stdout.readline(), "the stream has ended\n")
        self.assertEqual(self.server.text("/"), "Hello from Trio!")
        self.assertNotIn("Traceback", self.server.log())

    def test_what_still_runs_at_the_end_is_cancelled_in_trio(self):
        with self.get("/ticks") as client, WebSocket(self.server, "/echo"):
            client.recv(1)
            self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.server.process.stdout.readline(), "the stream has ended\n")


if __name__ == "__main__":
    needed = globals()[sys.argv[3].split(".")[0]].MODULE
    if importlib.util.find_spec(needed) is None:
        print(f"{needed} is not installed")
        sys.exit(77)
    sys.exit(unittest.main(argv=[sys.argv[0], *sys.argv[3:]]))
