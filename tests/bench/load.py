"""Load on a server, and what it costs that server."""

import re
import resource
import subprocess
import time
from dataclasses import dataclass

from servers import HERE

CONNECTIONS = 64
MESSAGE_SIZE = 64  # octets of a WebSocket message


@dataclass
class Sample:
    """One run."""

    cpu_us: float  # CPU time of the server's processes for each request or message
    per_second: float
    generator: float  # how much of one core the load generator used


def requests(server, running, batch, seconds):
    """HTTP requests from 64 connections, `batch` at once on each."""
    echo = ["echo"] if server.echo else []
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "-s", HERE / "requests.lua",
               f"http://127.0.0.1:{running.port}/", "--", str(batch), *echo]
    return measure(running, command, r"(\d+) requests in")


def messages(program, server, running, batch, seconds):
    """WebSocket messages that are echoed, from 64 connections, `batch` at once on each."""
    command = [program, str(running.port), server.websocket_path, str(CONNECTIONS), str(batch),
               str(MESSAGE_SIZE), str(seconds)]
    return measure(running, command, r"(\d+) messages")


def measure(running, command, counted):
    """Runs a load generator, which says how much it got done."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu, begun = running.cpu_seconds(), time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    seconds, cpu = time.monotonic() - begun, running.cpu_seconds() - cpu
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = re.search(counted, done.stdout)
    if done.returncode != 0 or not found or int(found[1]) == 0 or "Non-2xx" in done.stdout:
        raise SystemExit(f"bench: {command[0]} failed:\n{done.stdout}{done.stderr}")
    generator = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    number = int(found[1])
    return Sample(1e6 * cpu / number, number / seconds, generator / seconds)
