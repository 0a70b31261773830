"""What a request costs whatever the machine does besides: instructions and allocations, as
callgrind counts them.

Two runs that differ only in how many requests they serve: the difference is what these cost, and
all that happens once (starting, connecting, the first growth of a buffer) is in neither figure.
"""

import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

FEW, MANY = 160, 800  # requests of the two runs, whole batches each
PATIENCE = 30  # seconds for what callgrind slows down
ALLOCATORS = {"malloc", "calloc", "realloc", "aligned_alloc", "memalign", "posix_memalign"}
HELLO = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n"


@dataclass
class Cost:
    """Of one request."""

    instructions: float
    allocations: float


def measure(command, request, batch=1):
    """Returns the Cost of `request` to the server that `command` starts, when `batch` requests are
    sent at once. The server says in its first line on which port it listens."""
    few = count(command, request, batch, FEW)
    many = count(command, request, batch, MANY)
    return Cost(*((b - a) / (MANY - FEW) for a, b in zip(few, many)))


def count(command, request, batch, requests):
    """Returns the instructions and allocations of a whole run."""
    with tempfile.TemporaryDirectory() as folder:
        profile = pathlib.Path(folder, "profile")
        callgrind = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={profile}"]
        with guarded.Popen([*callgrind, *command], stdout=subprocess.PIPE,
                           text=True) as server:
            try:
                port = int(server.stdout.readline().rsplit(":", 1)[1])
                ask(port, request, batch, requests)
                server.send_signal(signal.SIGTERM)
                server.wait(PATIENCE)
            finally:
                server.kill()
        return read_profile(profile.read_text())


def ask(port, request, batch, requests):
    """Sends all requests in batches on one connection; each batch waits for its answers."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.settimeout(PATIENCE)
        client.sendall(request)
        size = len(client.recv(64 * 1024))  # all answers are as long as the first, which came whole
        for _ in range(requests // batch):
            client.sendall(request * batch)
            missing = size * batch
            while missing > 0:
                received = client.recv(missing)
                if not received:
                    raise ConnectionError("the server has closed the connection")
                missing -= len(received)


def read_profile(text):
    """Returns the total of instructions, and how often an allocator was called."""
    instructions = int(re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)[1])
    names = dict(re.findall(r"^c?fn=\((\d+)\) (\S+)", text, re.MULTILINE))
    calls = re.findall(r"^cfn=\((\d+)\).*\ncalls=(\d+)", text, re.MULTILINE)
    allocations = sum(int(times) for number, times in calls if names[number] in ALLOCATORS)
    return instructions, allocations
