#!/usr/bin/env python3
"""Mixed clients for minutes, or hours: what a server still holds when all of them have gone.

usage: soak.py [--seconds N] [--clients N] [--seed N] PROGRAM   (a server of applications)

It warms up, and is measured; the clients come and go for N seconds, and it is measured again. Then
it is told to stop in the middle of them: each answer that it has begun must arrive whole. Each line
of figures says whether it is as it must be, and the exit status whether all are.
"""

import argparse
import asyncio
import collections
import os
import pathlib
import random
import re
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "asgi"))
import clients  # noqa: E402
from endurance import MIB, Program  # noqa: E402

# Long enough for clients that have to share a busy machine; they are met by those that say nothing.
DEADLINES = ("--timeout-keep-alive=3", "--timeout-request-head=4", "--timeout-request-body=3",
             "--timeout-graceful-shutdown=20", "--ws-ping-interval=1", "--ws-ping-timeout=3")
UPLOADS = 4  # that have begun when the server is told to stop, and end well after it
FAULT = re.compile(r"Sanitizer|runtime error|internal error|terminate called|Assertion")


class Soak:
    """The server, its clients, and what has come of them."""

    def __init__(self, server, options):
        self.server = server
        self.options = options
        self.random = random.Random(options.seed)
        self.alone = server.descriptors()  # a connection has one, and a coroutine that serves it
        self.stopping = False
        self.done = collections.Counter()  # conversations by kind, while the server runs
        self.begun = 0  # of the uploads that are to end after the signal
        self.signalled = asyncio.Event()
        self.after_signal = 0  # of them, those that ended well
        self.faults = []

    async def hold(self, kind):
        """One conversation. False: nobody listens any more."""
        try:
            await clients.converse(kind, self.server.port, random.Random(self.random.random()))
            self.done[kind.__name__] += 1
        except clients.Wrong as fault:
            self.faults.append(str(fault))
        except (clients.Gone, OSError) as error:
            if not self.stopping:
                self.faults.append(f"{kind.__name__}: {type(error).__name__} {error}")
            return not isinstance(error, ConnectionRefusedError)
        return True

    async def client(self, end):
        """Conversations one after the other, as long as somebody listens."""
        while time.monotonic() < end and not self.faults:
            if not await self.hold(self.random.choice(clients.KINDS)):
                return

    def start_clients(self, seconds):
        end = time.monotonic() + seconds
        return [asyncio.create_task(self.client(end)) for _ in range(self.options.clients)]

    async def load(self, seconds):
        """When the time is over, all of them leave in the middle of what they do."""
        tasks = self.start_clients(seconds)
        await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    async def upload(self, connection, _):
        """A request that is under way when the server is told to stop, and is answered after it."""
        await connection.send(clients.post("/upload", "Expect: 100-continue", "Content-Length: 2"))
        await clients.expect_answer(connection, 100)
        await connection.send(b"x")
        self.begun += 1
        await self.signalled.wait()
        await connection.send(b"y")
        await clients.expect_answer(connection, 200, b"2 octets\n")
        self.after_signal += 1

    async def stop_in_the_middle(self):
        """SIGTERM among clients whose answers have begun. Returns exit status and seconds."""
        tasks = self.start_clients(clients.PATIENCE)
        tasks += [asyncio.create_task(self.hold(self.upload)) for _ in range(UPLOADS)]
        while self.begun < UPLOADS and not self.faults:
            await asyncio.sleep(0.01)
        self.stopping = True
        ended = asyncio.create_task(asyncio.to_thread(self.server.stop))
        while self.listens():
            await asyncio.sleep(0.01)
        self.signalled.set()
        await asyncio.gather(*tasks)
        return await ended

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.server.port), clients.PATIENCE).close()
        except ConnectionError:
            return False
        return True

    async def figures(self):
        """Memory, connections and the processor's time in a second, when all clients have left."""
        status = self.server.process.poll()
        clients.check(status is None, f"the server has ended with status {status}")
        end = time.monotonic() + 10
        while self.server.descriptors() > self.alone and time.monotonic() < end:
            await asyncio.sleep(0.1)
        before = self.processor_time()
        await asyncio.sleep(1)
        return {"memory": self.server.memory("VmRSS") // 1024,
                "connections": self.server.descriptors() - self.alone,
                "busy": self.processor_time() - before}

    def processor_time(self):
        stat = pathlib.Path(f"/proc/{self.server.process.pid}/stat").read_text()
        fields = stat.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Report:
    def __init__(self):
        self.failed = False

    def tell(self, passed, text):
        print("ok  " if passed else "FAIL", text, flush=True)
        self.failed |= not passed

    def compare(self, before, after, sanitized):
        growth = (after["memory"] - before["memory"]) * 1024
        self.tell(sanitized or growth < 4 * MIB,
                  f"memory: {before['memory']} KiB when warm, {after['memory']} KiB at the end"
                  + (" (not judged with sanitizers)" if sanitized else ""))
        self.tell(after["connections"] == 0, f"descriptors: {before['connections']} more when warm "
                  f"than before any client, {after['connections']} more at the end")
        self.tell(after["busy"] < 0.1, f"busy when alone: {after['busy']:.2f} s of a second")


async def judge(soak, report, sanitized):
    seconds = soak.options.seconds
    await soak.load(seconds / 3)
    before = await soak.figures()
    await soak.load(seconds)
    after = await soak.figures()
    for name, count in sorted(soak.done.items()):
        print(f"{count:8} {name}")
    await soak.hold(clients.good)
    report.tell(not soak.faults, f"{sum(soak.done.values())} conversations, seed {soak.options.seed}")
    report.compare(before, after, sanitized)
    status, seconds = await soak.stop_in_the_middle()
    report.tell(status == 0 and soak.after_signal == UPLOADS, f"SIGTERM: status {status} after "
                f"{seconds:.1f} s; {soak.after_signal} of {UPLOADS} requests ended well after it")


async def run(server, options, sanitized):
    report = Report()
    soak = Soak(server, options)
    try:
        await judge(soak, report, sanitized)
    except clients.Wrong as fault:
        report.tell(False, fault)
    for fault in soak.faults[:10]:
        report.tell(False, fault)
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", help="the program of a step, from step 05 on")
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--clients", type=int, default=64, help="at the same time")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sanitized = b"__asan_init" in pathlib.Path(options.program).read_bytes()
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        with Program(options.program, *DEADLINES, stderr=log) as server:
            report = asyncio.run(run(server, options, sanitized))
        log.seek(0)
        told = [line for line in log if FAULT.search(line)]
    report.tell(not told, f"{len(told)} errors of its own in the server's log")
    print(*told[:50], sep="", end="")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
