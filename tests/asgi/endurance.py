#!/usr/bin/env python3
"""What a server of applications holds while it streams, and what it keeps of clients that leave or
are idle.

usage: endurance.py [--short] PROGRAM

Prints a line of figures for each trial; the exit status tells whether all are within their limits.
Memory is the peak of the resident set (VmHWM), against that of the server when it has warmed up.
"""

import contextlib
import os
import pathlib
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from program import Program as StepProgram  # noqa: E402

MIB = 1024 * 1024
PATIENCE = 20  # seconds for what must happen
ENDLESS = 10**15


class Program(StepProgram):
    patience = PATIENCE

    def __init__(self, path, *options, **process):
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
        super().__init__(path, "--no-access-log", *options, **{
            "stderr": None, "env": {**os.environ, "ASAN_OPTIONS": sanitizer.strip(":")}, **process})

    def forget_peak(self):
        """From now on VmHWM counts anew (proc(5), clear_refs). Returns what is held now."""
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        return self.memory("VmRSS")

    def connect(self, request, receive_buffer=None):
        client = socket.socket()
        client.settimeout(PATIENCE)
        if receive_buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(("127.0.0.1", self.port))
        client.sendall(request.encode())
        return client

    def stop(self):
        """Returns exit status and seconds."""
        begun = time.monotonic()
        return super().stop(), time.monotonic() - begun


def get(target):
    return f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def read_slowly(client, pause_every):
    """Reads to the end, with a rest after each `pause_every` octets. Returns how many came."""
    buffer = bytearray(256 * 1024)
    received = since_pause = 0
    while size := client.recv_into(buffer):
        received += size
        since_pause += size
        if since_pause >= pause_every:
            since_pause = 0
            time.sleep(0.1)
    return received


def read_past(client, mark):
    """What comes, up to a piece that ends in the mark."""
    received = b""
    while not received.endswith(mark):
        piece = client.recv(65536)
        if not piece:
            raise SystemExit(f"FAIL the connection ended before {mark}")
        received += piece
    return received


class Trials:
    """Each trial prints its figures; one that fails decides the exit status."""

    def __init__(self, program, short):
        self.program = program
        self.size = 64 * MIB if short else 1024 * MIB
        self.leavers = 300 if short else 10000
        sanitized = b"__asan_init" in pathlib.Path(program).read_bytes()
        self.growth = (16 if sanitized else 1) * MIB
        self.kept = (64 if sanitized else 24) * 1024  # of an idle connection
        self.held = (64 if sanitized else 5) * 1024  # by one more, beside those that are silent
        self.failed = False

    def tell(self, passed, text):
        print("ok  " if passed else "FAIL", text, flush=True)
        self.failed |= not passed

    def stream(self, target):
        with Program(self.program) as server:
            with server.connect(get(f"{target}?n={4 * MIB}")) as client:
                read_slowly(client, MIB)
            before = server.forget_peak()
            with server.connect(get(f"{target}?n={self.size}"), 64 * 1024) as client:
                received = read_slowly(client, self.size // 16)
            growth = server.memory("VmHWM") - before
            self.tell(received > self.size and growth < self.growth,
                      f"{target}: {received} octets to a slow reader, peak +{growth // 1024} KiB")

    def upload(self):
        with Program(self.program, "--limit-request-body", "0") as server:
            self.send_upload(server, 4 * MIB)
            before = server.forget_peak()
            answer = self.send_upload(server, self.size)
            growth = server.memory("VmHWM") - before
            self.tell(answer.endswith(f"{self.size} octets\n") and growth < self.growth,
                      f"/upload: {self.size} octets, peak +{growth // 1024} KiB")

    @staticmethod
    def send_upload(server, size):
        head = ("POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                f"Content-Length: {size}\r\n\r\n")
        piece = bytes(256 * 1024)
        with server.connect(head) as client:
            for _ in range(size // len(piece)):
                client.sendall(piece)
            return client.makefile("rb").read().decode()

    def requests_leave_nothing(self, count):
        """Each of them has had a receive() and a send(), whose places are used again."""
        with Program(self.program) as server, server.connect("") as client:
            self.ask_often(client, 1000)
            memory = server.memory("VmRSS")
            self.ask_often(client, count)
            growth = server.memory("VmRSS") - memory
            self.tell(growth < self.growth, f"{count} requests: {growth // 1024} KiB more")

    @staticmethod
    def ask_often(client, count):
        """Many requests on one connection, some hundreds at a time."""
        request = "GET {} HTTP/1.1\r\nHost: x\r\n\r\n"
        batch = 499 * request.format("/") + request.format("/reflect")
        for _ in range(count // 500):
            client.sendall(batch.encode())
            read_past(client, b"\nhost: x\n")

    def leave(self, server, count):
        """Clients that read the beginning of a stream; every other one leaves with a reset."""
        for number in range(count):
            with server.connect(get(f"/stream?n={ENDLESS}")) as client:
                client.recv(1000)
                if number % 2:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def leavers_leave_nothing(self):
        with Program(self.program) as server:
            descriptors = server.descriptors()
            self.leave(server, 100)
            self.wait_for_descriptors(server, descriptors)
            memory = server.memory("VmRSS")
            self.leave(server, self.leavers)
            left = self.wait_for_descriptors(server, descriptors)
            growth = server.memory("VmRSS") - memory
            status, seconds = server.stop()  # at once: no connection, no coroutine to wait for
            self.tell(left == 0 and growth < self.growth and status == 0 and seconds < 2,
                      f"{self.leavers} clients left in a stream: {left} descriptors and "
                      f"{growth // 1024} KiB more than before; the end took {seconds:.2f} s")

    def idle_clients(self, count, use, what):
        """What a connection keeps that was used for much, when it is idle again."""
        with Program(self.program) as server, contextlib.ExitStack() as clients:
            for number in range(count + 20):
                if number == 20:
                    before = server.memory("VmRSS")
                if not use(clients.enter_context(server.connect(""))):
                    return
            kept = (server.memory("VmRSS") - before) // count
            self.tell(kept < self.kept, f"{count} idle clients after {what}: {kept} octets each")

    def silent_clients(self, group):
        """After a second a silent client has no buffer, so that those who come later have its."""
        with Program(self.program) as server, contextlib.ExitStack() as clients:
            if not self.say_much(clients.enter_context(server.connect(""))):
                return
            self.ask(server, clients, group)  # they take what is free already
            waves = []
            while len(waves) < 8 and min(waves, default=self.held) >= self.held:
                time.sleep(0.5)
                before = server.memory("VmRSS")
                self.ask(server, clients, group)
                waves.append((server.memory("VmRSS") - before) // group)
            held = min(waves)
            self.tell(held < self.held,
                      f"{group} more clients beside silent ones: {held} octets each")

    @staticmethod
    def ask(server, clients, count):
        for _ in range(count):
            client = clients.enter_context(server.connect("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
            read_past(client, b"Hello, World!")

    @staticmethod
    def ask_for_much(client):
        """Large heads, and a large answer. Then a small one: what was large has been sent."""
        head = "".join(f"x-{i}: {'x' * 7000}\r\n" for i in range(4))
        size = 200 * 1024
        client.sendall(f"GET /{'%ff' * 5000} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        read_past(client, b"nothing at this path\n")
        client.sendall(f"GET / HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
        read_past(client, b"Hello, World!")
        client.sendall(f"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n"
                       .encode() + (size - 1) * b"x" + b"y")
        read_past(client, b"xy")
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        read_past(client, b"Hello, World!")
        return True

    @staticmethod
    def say_much(client):
        """A large message on a WebSocket, and a small one. False: it speaks none."""
        client.sendall(b"GET /ws/echo HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                       b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                       b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        if client.recv(12) != b"HTTP/1.1 101":
            return False
        read_past(client, b"\r\n\r\n")
        client.sendall(struct.pack("!BBH4x", 0x82, 0x80 | 126, 60001) + 60000 * b"x" + b"y")
        read_past(client, b"xy")
        client.sendall(struct.pack("!BB4x", 0x82, 0x80 | 1) + b"z")
        read_past(client, b"z")
        return True

    @staticmethod
    def wait_for_descriptors(server, wanted):
        """How many more there still are after a while."""
        end = time.monotonic() + 5
        while server.descriptors() > wanted and time.monotonic() < end:
            time.sleep(0.02)
        return server.descriptors() - wanted

    def signal(self):
        """One stream that ends in time, one that nobody reads and one without an end."""
        with Program(self.program, "--timeout-graceful-shutdown", "6") as server, \
                server.connect(get(f"/stream?n={ENDLESS}"), 4096), \
                server.connect(get(f"/stream?n={ENDLESS}")) as endless, \
                server.connect(get("/events")) as events:
            received = read_past(events, b"data: 3\n\n\r\n")  # two seconds are left of it
            reader = threading.Thread(target=self.read_to_any_end, args=(endless,))
            reader.start()
            status, seconds = server.stop()
            with contextlib.closing(events.makefile("rb")) as rest:
                received += rest.read()
            reader.join()
            whole = b"data: 5\n\n" in received and received.endswith(b"\r\n0\r\n\r\n")
            self.tell(status == 0 and whole and seconds < 10,
                      f"SIGTERM in three streams: status {status} after {seconds:.1f} s; the one "
                      f"with an end {'arrived whole' if whole else 'was cut off'}")

    @staticmethod
    def read_to_any_end(client):
        with contextlib.suppress(OSError):
            while client.recv(65536):
                pass


def main():
    trials = Trials(sys.argv[-1], "--short" in sys.argv)
    trials.stream("/big")
    trials.stream("/stream")
    trials.upload()
    trials.requests_leave_nothing(50000)
    trials.leavers_leave_nothing()
    trials.idle_clients(200, trials.ask_for_much, "a large head and a large answer")
    trials.idle_clients(200, trials.say_much, "a large message")
    trials.silent_clients(100)
    trials.signal()
    return 1 if trials.failed else 0


if __name__ == "__main__":
    sys.exit(main())
