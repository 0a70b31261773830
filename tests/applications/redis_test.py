#!/usr/bin/env python3
"""The chat over several processes: HAProxy with the configuration of the example, two servers of two
workers each behind it, and Redis.

usage: redis_test.py PROGRAM STEP [unittest's options]
"""

import contextlib
import http.client
import importlib.util
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))
from server import PATIENCE, Server, WebSocket  # noqa: E402
import guarded  # noqa: E402

PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
NEEDED = {name: shutil.which(name, path=PATH) for name in ("redis-server", "haproxy")}
CLIENT = "127.0.0.2"  # not the address of HAProxy, which the servers believe
FIELDS = "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n"  # forged


def wait_until(is_true, what):
    end = time.monotonic() + PATIENCE
    while not is_true():
        if time.monotonic() > end:
            raise AssertionError(what)
        time.sleep(0.02)


class Redis:
    """Redis at a socket in the folder: there is nothing that another test could take."""

    def __init__(self, folder):
        self.socket, self.folder = folder / "redis.socket", folder
        self.start()

    def start(self):
        self.process = guarded.Popen(
            [NEEDED["redis-server"], "--port", "0", "--unixsocket", self.socket, "--dir",
             self.folder, "--save", "", "--logfile", self.folder / "redis.log"])
        wait_until(self.is_ready, "Redis does not start")

    def is_ready(self):
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.socket)) == 0

    def stop(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


class HAProxy(Server):
    """HAProxy at a port that is free, in front of two servers."""

    def __init__(self, servers):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port = listening.getsockname()[1]
            self.errors = tempfile.TemporaryFile()
            first, second = (f"127.0.0.1:{server.port}" for server in servers)
            self.process = guarded.Popen(
                [NEEDED["haproxy"], "-db", "-f", STEP / "applications" / "haproxy.cfg"],
                stdout=subprocess.PIPE, stderr=self.errors, pass_fds=[listening.fileno()],
                env={**os.environ, "CHAT_ADDRESS": f"fd@{listening.fileno()}",
                     "CHAT_FIRST": first, "CHAT_SECOND": second})

    def http(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, PATIENCE, (CLIENT, 0))

    def connect(self, request=b"", host="127.0.0.1"):
        client = socket.create_connection((host, self.port), PATIENCE, (CLIENT, 0))
        client.sendall(request)
        return client


class Talker(WebSocket):
    """A client of the chat, who knows which worker has taken them."""

    def __init__(self, proxy, name):
        super().__init__(proxy, f"/ws/chat?name={name}", FIELDS)
        self.scope = self.wait_for("scope\t")
        self.worker = int(self.wait_for("event\tworker\t").split()[0])

    def wait_for(self, start):
        """Returns what follows in the next message that starts so."""
        while True:
            message = self.receive()
            if not isinstance(message, str):
                raise AssertionError(f"closed with {message}, and not {start!r}")
            if message.startswith(start):
                return message.removeprefix(start)


class ChatTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.redis = Redis(pathlib.Path(folder.name))
        self.addCleanup(lambda: self.redis.stop())
        self.servers = [self.start_server() for _ in range(2)]
        self.proxy = HAProxy(self.servers)
        self.addCleanup(self.proxy.__exit__)

    def start_server(self, port=0):
        server = Server(PROGRAM, "with_redis:app", "--workers", "2", "--proxy-headers",
                        "--timeout-graceful-shutdown", "1", "--port", str(port),
                        directory=STEP / "applications", REDIS_URL=f"unix://{self.redis.socket}")
        self.addCleanup(server.__exit__)
        self.assertIsNotNone(server.port, server.log())
        return server

    def enter(self, name):
        talker = Talker(self.proxy, name)
        self.addCleanup(talker.__exit__)
        return talker

    def enter_at_each_worker(self):
        """Returns a talker for each of the four workers. Who gets which one is chance."""
        talkers = {}
        end = time.monotonic() + PATIENCE
        while len(talkers) < 4:
            self.assertLess(time.monotonic(), end)
            talker = self.enter(f"talker{len(talkers)}")
            if talker.worker in talkers:
                talker.close()
            talkers.setdefault(talker.worker, talker)
        return list(talkers.values())

    def worker(self):
        """The worker that answers a request."""
        return int(self.proxy.text("/health").split()[1])

    def assert_hear(self, talkers, line):
        for talker in talkers:
            self.assertEqual(talker.wait_for("chat\t"), line)

    def test_what_one_says_all_workers_tell(self):
        talkers = self.enter_at_each_worker()
        for number, talker in enumerate(talkers):
            talker.send(f"from {number}")
            self.assert_hear(talkers, f"talker{number}\tfrom {number}")
        names = "\t".join(f"talker{number}" for number in range(4))
        for talker in talkers:
            while talker.wait_for("who\t") != names:
                pass
        late = self.enter("late")  # hears what was said, in its order
        for number in range(4):
            self.assert_hear([late], f"talker{number}\tfrom {number}")

    def test_http_and_who_the_client_is(self):
        self.assertIn("<title>", self.proxy.ask("/", headers={"Accept": "text/html"})[2].decode())
        self.assertEqual(self.proxy.ask("/nothing")[0], 404)
        forged = dict(line.split(": ") for line in FIELDS.split("\r\n")[:-1])
        scope = self.proxy.text("/scope", "GET", None, forged)
        self.assertIn(f"\nclient: {CLIENT} ", scope)
        self.assertIn("\nscheme: http\n", scope)
        line = f'{CLIENT} "GET /scope HTTP/1.1" 200'
        wait_until(lambda: any(line in server.log() for server in self.servers), line)
        scope = self.enter("a").scope
        self.assertIn(f"\nclient: {CLIENT} ", scope)
        self.assertIn("\nscheme: ws\n", scope)

    def test_a_server_that_is_ended_is_taken_out_and_back(self):
        self.assertEqual(len({talker.worker for talker in self.enter_at_each_worker()}), 4)
        first, second = self.servers
        self.assertEqual(first.stop(), 0)
        left = {self.worker() for _ in range(20)}
        self.proxy.wait_for_log("Server servers/first is DOWN")
        self.assertLessEqual(len(left | {self.worker() for _ in range(20)}), 2)
        self.start_server(first.port)
        self.proxy.wait_for_log("Server servers/first is UP")
        wait_until(lambda: self.worker() not in left, "the server gets no requests")

    def test_a_server_that_dies_loses_no_request(self):
        """HAProxy has not noticed yet: who cannot be served there is served at the other one."""
        process = self.servers[0].process
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
        workers = {int(pid) for pid in children.read_text().split()}
        wait_until(lambda: self.worker() in workers, "the server gets no requests")
        process.kill()
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):  # it may have ended with its supervisor
                os.kill(worker, signal.SIGKILL)
        process.wait(PATIENCE)
        self.assertTrue({self.worker() for _ in range(20)}.isdisjoint(workers))

    def test_who_was_at_a_worker_that_has_died_is_there_no_more(self):
        talkers = self.enter_at_each_worker()
        os.kill(talkers[0].worker, signal.SIGKILL)
        names = "\t".join(f"talker{number}" for number in range(1, 4))
        for talker in talkers[1:]:
            while talker.wait_for("who\t") != names:
                pass

    def test_redis_is_away_for_a_time(self):
        talker = self.enter("a")
        talker.send("before")
        self.assert_hear([talker], "a\tbefore")
        self.redis.stop()
        talker.send("lost")
        while isinstance(code := talker.receive(), str):
            pass
        self.assertEqual(code, 1013)
        wait_until(lambda: self.proxy.ask("/health")[0] == 503, "the servers are not taken out")
        self.redis.start()
        wait_until(lambda: self.proxy.ask("/health")[0] == 200, "the servers are not taken back")
        talkers = self.enter_at_each_worker()
        talkers[0].send("after")
        for each in talkers:
            while each.wait_for("chat\t") != f"talker0\tafter":
                pass

    def test_the_end_while_redis_is_away(self):
        self.enter("a")
        self.redis.stop()
        for server in self.servers:
            self.assertEqual(server.stop(), 0)
            self.assertNotIn("Traceback", server.log())

    def test_all_ends_in_order(self):
        self.enter("a")
        for server in self.servers:
            self.assertEqual(server.stop(), 0)
            self.assertNotRegex(server.log(), "Traceback|Warning")


class WithoutRedisTest(unittest.TestCase):
    def test_it_does_not_start(self):
        with Server(PROGRAM, "with_redis:app", directory=STEP / "applications",
                    REDIS_URL="unix:///nowhere/at/all") as server:
            self.assertEqual(server.process.wait(PATIENCE), 2)
            self.assertRegex(server.log(), "lifespan startup failed: .*/nowhere/at/all")


if __name__ == "__main__":
    missing = [name for name, path in NEEDED.items() if path is None]
    if importlib.util.find_spec("redis") is None:
        missing.append("python3-redis")
    if missing:
        print("not installed:", *missing)
        sys.exit(77)
    PROGRAM, STEP = sys.argv[1], pathlib.Path(sys.argv[2])
    sys.exit(unittest.main(argv=[sys.argv[0], *sys.argv[3:]]))
