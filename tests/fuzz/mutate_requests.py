#!/usr/bin/env python3
"""Sends mutated requests to one of the programs, and sees that it stays well.

Each connection carries a few requests made of good and bad ones by flips, copies, deletions and
splices, in random segments, and is then ended in one of several ways. The program must not crash,
must end each connection whose client has said its last, must answer a good request afterwards,
write no sanitizer report, and end with status 0 at SIGTERM. The same seed sends the same bytes.
"""

import argparse
import collections
import concurrent.futures
import pathlib
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

HOST = b"Host: a.example\r\n"
GOOD = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
SEEDS = [
    GOOD,
    b"HEAD /reflect?x=%41 HTTP/1.1\r\n" + HOST + b"Accept: */*\r\nX-Empty:\r\n\r\n",
    b"GET http://a.example/reflect HTTP/1.1\r\n" + HOST + b"Connection: keep-alive, x\r\n\r\n",
    b"GET http://[::1]:80/reflect?a=\\b HTTP/1.1\r\nHost: [::1]\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 11\r\n\r\nhello world",
    b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    b'5;a="b";c=d\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\n',
    b"PUT /echo HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
    b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"0\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 101 + b"\r\n",
    b"GET /" + b"a" * 17000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /echo HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 33000 + b"\r\n\r\n",
    b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999999999999\r\n\r\n",
    b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nx",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
]
PIECES = [
    b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b",", b";", b'"', b"%", b"\xff", b"0",
    b"\r\n\r\n", b"\r\n ", b"Host: b\r\n", b"Content-Length: 5\r\n", b"HTTP/1.0", b"HEAD ",
    b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"Expect: 100-continue\r\n",
]
PATIENCE = 20  # seconds for what must happen; far less than the deadlines of the server
STATUS_LINE = re.compile(rb"^HTTP/1\.1 (\d{3}) [^\r\n]*\r\n", re.MULTILINE)
REPORT = re.compile(r"Sanitizer|runtime error|internal error|terminate called|Assertion")


def mutate_once(rng, data):
    """Returns `data` changed in one place."""
    at = rng.randrange(len(data) + 1)
    end = min(len(data), at + rng.choice((1, 1, 2, 4, 16, 64)))
    kind = rng.randrange(6)
    if kind == 0:  # flip a bit
        flipped = bytes(octet ^ 1 << rng.randrange(8) for octet in data[at : at + 1])
        return data[:at] + flipped + data[at + 1 :]
    if kind == 1:  # replace an octet
        return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    if kind == 2:  # say something twice, or often
        return data[:end] + data[at:end] * rng.choice((1, 1, 2, 200)) + data[end:]
    if kind == 3:  # leave something out
        return data[:at] + data[end:]
    if kind == 4:  # put something in
        return data[:at] + rng.choice(PIECES) + data[at:]
    other = rng.choice(SEEDS)  # go on as another request
    return data[:at] + other[rng.randrange(len(other)) :]


def make_request(rng):
    data = rng.choice(SEEDS)
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 3, 8))):
        data = mutate_once(rng, data)
    return data


def send_in_segments(rng, sock, data):
    """Sends `data`, now and then in small segments."""
    step = rng.choice((1 << 20, 1 << 20, 1000, 100, 7))
    step = max(step, len(data) // 200)
    for at in range(0, len(data), step):
        sock.sendall(data[at : at + step])


def read_to_end(sock):
    received = b""
    while piece := sock.recv(65536):
        received += piece
    return received


def converse(port, seed, number, requests):
    """Makes connection `number`; returns a Counter of statuses and of ways that it ended."""
    rng = random.Random(f"{seed}/{number}")
    data = b"".join(make_request(rng) for _ in range(requests))
    ending = rng.choice(("half-closed", "half-closed", "closed", "reset", "read, then closed"))
    seen = collections.Counter({ending: 1})
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            send_in_segments(rng, sock, data)
            if ending == "half-closed":
                sock.shutdown(socket.SHUT_WR)
                seen.update(status.decode() for status in STATUS_LINE.findall(read_to_end(sock)))
            elif ending == "reset":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif ending == "read, then closed":
                sock.settimeout(rng.random() / 100)
                sock.recv(100)
        except TimeoutError:
            if ending != "read, then closed":
                raise RuntimeError(f"connection {number} ({ending}) was not ended: {data!r:.2000}")
        except (ConnectionResetError, BrokenPipeError):
            seen["by the server"] += 1
            if ending == "half-closed":
                seen["reset before the end of its answer was read"] += 1
    return seen


def send_all(port, options):
    """Sends `options.requests` requests; returns a Counter of all that was seen."""
    rng = random.Random(options.seed)
    counts = []
    while (left := options.requests - sum(counts)) > 0:
        counts.append(min(left, rng.choice((1, 2, 4, 8))))
    seen = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(options.connections) as pool:
        futures = [pool.submit(converse, port, options.seed, n, c) for n, c in enumerate(counts)]
        try:
            for future in futures:
                seen.update(future.result())
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return seen


def answers_a_good_request(port):
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
        sock.sendall(GOOD)
        sock.shutdown(socket.SHUT_WR)
        answer = read_to_end(sock)
    return answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(b"\r\n\r\nHello, World!")


def run(server, options):
    """Returns what is wrong with the running server; nothing if all is well."""
    port = int(server.stdout.readline().rsplit(b":", 1)[-1])
    begun = time.monotonic()
    seen = send_all(port, options)
    print(f"{options.requests} requests, seed {options.seed}, {time.monotonic() - begun:.1f} s")
    for what, count in sorted(seen.items()):
        print(f"{count:8} {what}")
    if not answers_a_good_request(port):
        return "a good request is not answered any more"
    return None


def end(server):
    """Ends the server; returns what is wrong with how it ended."""
    if server.poll() is None:
        server.send_signal(signal.SIGTERM)
    try:
        status = server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
        return "the server does not end at SIGTERM"
    return f"the server ended with status {status}" if status != 0 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", help="the program of a step, from step 02 on")
    parser.add_argument("--requests", type=int, default=100000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--connections", type=int, default=8, help="at the same time")
    options = parser.parse_args()
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        command = [options.program, "--port", "0"]
        server = guarded.Popen(command, stdout=subprocess.PIPE, stderr=log)
        faults = []
        try:
            faults.append(run(server, options))
        except (OSError, RuntimeError, ValueError) as error:
            faults.append(f"{type(error).__name__}: {error}")
        finally:
            faults.append(end(server))
        log.seek(0)
        text = log.read()
    if REPORT.search(text):
        faults.append("the server reports an error of its own:")
    if text:
        print(text[-20000:])
    faults = [fault for fault in faults if fault]
    print(*faults or ["all is well"], sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
