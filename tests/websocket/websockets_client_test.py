#!/usr/bin/env python3
"""A client that others have written, Python's `websockets`, talks with a program: its old client
(version 10, of Debian 12) or its new one (version 15, of Debian 13).

usage: websockets_client_test.py PROGRAM [unittest's options]

Exit status 77, which CTest shows as skipped: this Python has no `websockets`.
"""

import asyncio
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

try:
    import websockets
    from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
except ImportError:
    print("SKIPPED: this Python has no module `websockets` (Debian: python3-websockets)")
    sys.exit(77)

PROGRAM = sys.argv.pop(1)
MIB = 1024 * 1024


class WebsocketsClient(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = guarded.Popen([PROGRAM, "--port", "0", "--no-access-log"],
                                   stdout=subprocess.PIPE, text=True)
        cls.url = cls.server.stdout.readline().split()[-1].replace("http:", "ws:")

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        rest = cls.server.communicate(timeout=10)[0]
        assert (rest, cls.server.returncode) == ("", 0), (rest, cls.server.returncode)

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # which unittest sets: slow, and it talks

    def connect(self, path, **options):
        return websockets.connect(self.url + path, max_size=None, open_timeout=10, **options)

    async def test_messages(self):
        for compression in "deflate", None:
            async with self.connect("/ws/echo", compression=compression) as socket:
                for message in "", "größer", "x" * MIB, b"", bytes(range(256)), bytes(16 * MIB):
                    await socket.send(message)
                    self.assertTrue(await socket.recv() == message)

    async def test_fragments(self):
        async with self.connect("/ws/echo") as socket:
            await socket.send(["a", "bc", "", "d" * 1000])
            self.assertEqual(await socket.recv(), "abc" + "d" * 1000)

    async def test_compression_parameters(self):
        for parameters in ({}, {"server_no_context_takeover": True},
                           {"client_no_context_takeover": True}, {"server_max_window_bits": 15},
                           {"server_max_window_bits": 9}, {"client_max_window_bits": 9},
                           {"client_max_window_bits": True}):
            with self.subTest(parameters=parameters):
                factory = ClientPerMessageDeflateFactory(**parameters)
                async with self.connect("/ws/echo", compression=None,
                                        extensions=[factory]) as socket:
                    self.assertEqual(len(getattr(socket, "protocol", socket).extensions), 1)
                    for size in 10, 1000, 100000:
                        await socket.send("abc" * size)
                        self.assertTrue(await socket.recv() == "abc" * size)

    async def test_ping(self):
        async with self.connect("/ws/clock") as socket:
            await asyncio.wait_for(await socket.ping(b"Hello"), 5)

    async def test_close(self):
        for code, reason in (1000, ""), (1001, "größer"), (4999, "x" * 123):
            async with self.connect("/ws/echo") as socket:
                await socket.close(code, reason)
                self.assertEqual((socket.close_code, socket.close_reason), (code, reason))

    async def test_too_large(self):
        async with self.connect("/ws/echo") as socket:
            with self.assertRaises(websockets.ConnectionClosedError):
                await socket.send(bytes(16 * MIB + 1))
                await socket.recv()
            self.assertEqual(socket.close_code, 1009)

    async def test_subprotocol(self):
        async with self.connect("/ws/subprotocol", subprotocols=["v1.demo", "v2.demo"]) as socket:
            self.assertEqual(socket.subprotocol, "v2.demo")
            self.assertEqual(await socket.recv(), "v2.demo")
            with self.assertRaises(websockets.ConnectionClosedOK):
                await socket.recv()

    async def test_denied(self):
        for path, status in ("/ws/deny", 401), ("/ws/nothing", 403):
            with self.assertRaises(websockets.InvalidHandshake) as refused:
                await self.connect(path)
            answer = getattr(refused.exception, "response", refused.exception)
            self.assertEqual(answer.status_code, status)


if __name__ == "__main__":
    unittest.main()
