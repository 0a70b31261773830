#!/usr/bin/env python3
"""Clients that others have written, of an application in Python, and inside one.

usage: clients_test.py PROGRAM STEP TEST   (CurlTest, for example)
"""

import asyncio
import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))
from server import PATIENCE, Server  # noqa: E402

PROGRAM, STEP = sys.argv[1], pathlib.Path(sys.argv[2])
LARGE = bytes(3_000_000)
MANY = 50  # requests at the same time
STREAM = 1_000_000  # octets


class ClientCase(unittest.TestCase):
    """`client` speaks to demo.py."""
    NEEDS = ()

    def setUp(self):
        self.server = self.start("demo:app", STEP / "applications")
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.ws_url = f"ws://127.0.0.1:{self.server.port}/ws/echo"

    def tearDown(self):
        self.assertEqual(self.server.stop(), 0)
        self.assertNotIn("Traceback", self.server.log())

    def start(self, name, directory):
        server = Server(PROGRAM, name, directory=directory)
        self.addCleanup(server.__exit__)
        self.assertIsNotNone(server.port, server.log())
        return server


class HttpxTest(ClientCase):
    NEEDS = ("httpx",)

    def test_all(self):
        import httpx

        async def pieces():
            for _ in range(3):
                yield LARGE[:1_000_000]

        async def talk():
            async with httpx.AsyncClient(base_url=self.url, timeout=PATIENCE) as client:
                self.assertEqual((await client.get("/")).text, "Hello, World!")
                reflected = (await client.get("/reflect", params={"q": "x y"})).text
                self.assertRegex(reflected, r"^GET /reflect\?q=x(\+|%20)y HTTP/1.1\n")
                echoed = await client.post("/echo", json={"a": [1]})
                self.assertEqual(echoed.json(), {"a": [1]})
                for content in (LARGE, pieces()):
                    answer = await client.post("/upload", content=content)
                    self.assertEqual(answer.text, "3000000 octets\n")
                async with client.stream("GET", f"/stream?n={STREAM}") as answer:
                    size = sum([len(piece) async for piece in answer.aiter_bytes()])
                    self.assertEqual(size, STREAM)
                self.assertEqual((await client.get("/nothing")).status_code, 404)
                answers = await asyncio.gather(*(client.get("/counter") for _ in range(MANY)))
                self.assertEqual(sorted(int(answer.text) for answer in answers),
                                 list(range(1, MANY + 1)))

        asyncio.run(talk())


class AiohttpTest(ClientCase):
    NEEDS = ("aiohttp",)

    def test_all(self):
        import aiohttp

        async def text(answer):
            async with answer as answer:
                return await answer.text()

        async def talk():
            async with aiohttp.ClientSession(self.url) as client:
                self.assertEqual(await text(client.get("/")), "Hello, World!")
                self.assertTrue((await text(client.get("/reflect", params={"q": "a"}))).startswith(
                    "GET /reflect?q=a HTTP/1.1\n"))
                echoed = await text(client.post("/echo", json={"a": [1]}))
                self.assertEqual(json.loads(echoed), {"a": [1]})
                self.assertEqual(await text(client.post("/upload", data=LARGE)), "3000000 octets\n")
                async with client.get(f"/stream?n={STREAM}") as answer:
                    size = sum([len(piece) async for piece in answer.content.iter_any()])
                    self.assertEqual(size, STREAM)
                async with client.get("/nothing") as answer:
                    self.assertEqual(answer.status, 404)
                counts = await asyncio.gather(*(text(client.get("/counter")) for _ in range(MANY)))
                self.assertEqual(sorted(map(int, counts)), list(range(1, MANY + 1)))
                async with client.ws_connect("/ws/echo", compress=15) as socket:
                    for message in ("", "\u20ac" * 1000):
                        await socket.send_str(message)
                        self.assertEqual(await socket.receive_str(), message)
                    await socket.send_bytes(LARGE[:100_000])
                    self.assertEqual(await socket.receive_bytes(), LARGE[:100_000])
                self.assertEqual(socket.close_code, 1000)

        asyncio.run(talk())


class WebsocketsTest(ClientCase):
    NEEDS = ("websockets",)

    def test_all(self):
        import websockets

        async def talk():
            async with websockets.connect(self.ws_url, max_size=None) as socket:
                for message in ("", "text", b"", b"bytes", "\u20ac" * 10_000, LARGE[:1_000_000]):
                    await socket.send(message)
                    self.assertEqual(await socket.recv(), message)
                await asyncio.wait_for(await socket.ping(), PATIENCE)
            self.assertEqual(socket.close_code, 1000)
            url = self.ws_url.replace("echo", "subprotocol")
            async with websockets.connect(url, subprotocols=["v1.demo", "other"]) as socket:
                self.assertEqual(socket.subprotocol, "v1.demo")
            with self.assertRaisesRegex(Exception, "401"):
                await websockets.connect(self.ws_url.replace("echo", "deny"))

        asyncio.run(talk())


class CurlTest(ClientCase):
    NEEDS = ("curl",)

    def curl(self, target, *options, content=None):
        return subprocess.run(
            ["curl", "--silent", "--show-error", "--max-time", str(PATIENCE), *options,
             self.url + target], input=content, stdout=subprocess.PIPE, check=True).stdout

    def test_all(self):
        self.assertEqual(self.curl("/"), b"Hello, World!")
        self.assertTrue(self.curl("/", "--head").startswith(b"HTTP/1.1 200 OK\r\n"))
        self.assertTrue(self.curl("/reflect?q=a").startswith(b"GET /reflect?q=a HTTP/1.1\n"))
        kind = ("--header", "Content-Type: application/json")
        self.assertEqual(self.curl("/echo", *kind, "--data", '{"a": 1}'), b'{"a": 1}')
        self.assertEqual(self.curl("/upload", "--data-binary", "@-", content=LARGE),
                         b"3000000 octets\n")
        in_chunks = ("--header", "Transfer-Encoding: chunked", "--data-binary", "@-")
        self.assertEqual(self.curl("/upload", *in_chunks, content=LARGE), b"3000000 octets\n")
        self.assertEqual(len(self.curl(f"/stream?n={STREAM}")), STREAM)
        statuses = ("--output", "/dev/null", "--write-out", "%{http_code}")
        self.assertEqual(self.curl("/nothing", *statuses), b"404")
        self.assertEqual(self.curl("/echo", "--http1.0", "--data", "old"), b"old")
        self.assertEqual(self.curl("/counter", self.url + "/counter"), b"1\n2\n")


class InsideTest(ClientCase):
    """httpx and aiohttp used inside an application: the server waits for its own answer, or for that
    of another one, and goes on meanwhile."""
    NEEDS = ("httpx", "aiohttp")

    def setUp(self):
        super().setUp()
        self.inside = self.start("clients_inside:app", pathlib.Path(__file__).parent)

    def ask(self, target, url):
        query = urllib.parse.urlencode({"url": url})
        status, _, body = self.inside.ask(f"{target}?{query}")
        self.assertEqual(status, 200, body)
        return body.decode()

    def test_all(self):
        own = f"http://127.0.0.1:{self.inside.port}/"
        for name in ("httpx", "aiohttp"):
            with self.subTest(name):
                self.assertEqual(self.ask(f"/get/{name}", own), ".")
                self.assertEqual(self.ask(f"/get/{name}", self.url), "Hello, World!")
                self.assertEqual(self.ask(f"/many/{name}", own), "." * 50)
                self.assertEqual(self.ask(f"/post/{name}", f"{self.url}/upload"), "3000000 octets\n")
                nested = urllib.parse.urlencode({"url": self.url})  # two servers, three requests
                self.assertEqual(self.ask(f"/get/{name}", f"{own}get/{name}?{nested}"),
                                 "Hello, World!")
        self.assertEqual(self.ask("/talk/aiohttp", self.ws_url), "through two servers")
        self.assertEqual(self.inside.stop(), 0)
        self.assertNotIn("Unclosed", self.inside.log())
        self.assertNotIn("Traceback", self.inside.log())


if __name__ == "__main__":
    missing = [name for name in globals()[sys.argv[3].split(".")[0]].NEEDS
               if importlib.util.find_spec(name) is None and not shutil.which(name)]
    if missing:
        print("not installed:", *missing)
        sys.exit(77)
    sys.exit(unittest.main(argv=[sys.argv[0], *sys.argv[3:]]))
