"""The servers that are measured: the steps of the ladder, and the peers that are installed."""

import contextlib
import functools
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PATIENCE = 60  # seconds for a server that starts or ends
SYSTEM_PYTHON = "/usr/bin/python3"  # the one that a distribution's packages belong to
UVICORN_PARTS = "uvicorn, uvloop, httptools, websockets"
# uvicorn imports an application within its loop, where Django lets nobody ask a database.
ENVIRONMENT = {**os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
FRAMEWORKS = ("hello", "starlette", "fastapi", "quart", "django")  # the first is none, it is ASGI

NGINX_CONF = """
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log /dev/null;
events {{ worker_connections 16384; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  server {{
    listen 127.0.0.1:{port};
    location / {{ default_type text/plain; return 200 "Hello, World!"; }}
  }}
}}
"""


@dataclass(frozen=True)
class Server:
    """How to start a server, and what can be asked of it."""

    name: str
    command: tuple  # {port} and {folder} stand for what they are
    version: str = ""
    echo: bool = False  # it sends back what it gets
    keeps_alive: bool = True
    websocket_path: str = ""  # where it echoes messages; empty: nowhere

    def on_port(self, port, folder=""):
        """The words of its command."""
        return [word.format(port=port, folder=folder) for word in self.command]


class Running:
    """A server's processes, in a session of their own."""

    def __init__(self, process, port):
        self.process = process
        self.port = port

    def processes(self):
        """The process that was started, and all its children."""
        found, queue = [], [self.process.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            with contextlib.suppress(FileNotFoundError):
                children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
                queue += map(int, children.split())
        return found

    def cpu_seconds(self):
        """CPU time that all of them have used: clock_getcpuclockid(3) by hand."""
        return sum(time.clock_gettime((~pid << 3) | 2) for pid in self.processes())

    def resident(self):
        """Octets of memory that all of them have in use, pages that they share counted once for
        each."""
        texts = (pathlib.Path(f"/proc/{pid}/status").read_text() for pid in self.processes())
        return sum(int(re.search(r"VmRSS:\s+(\d+)", text)[1]) * 1024 for text in texts)


@contextlib.contextmanager
def running(server, *options):
    """Starts a server on a free port, and ends it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        conf = pathlib.Path(folder, "nginx.conf")
        conf.write_text(NGINX_CONF.format(folder=folder, port=port))
        command = [*server.on_port(port, folder), *options]
        process = guarded.Popen(command, cwd=HERE, env=ENVIRONMENT, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until_it_listens(server.name, process, port)
            yield Running(process, port)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_it_listens(name, process, port):
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"bench: {name} does not start")
        time.sleep(0.02)


def steps(build):
    """The steps that are built in the binary directory `build`."""
    found = []
    for path in sorted(ROOT.glob("step[0-9][0-9]_*")):
        program = build / path.name / path.name
        if not program.exists():
            continue
        log = ("--no-access-log",) if (path / "src/access_log.hpp").exists() else ()
        number = int(path.name[4:6])
        found.append(Server(path.name, (str(program), "--port", "{port}", *log), echo=number == 1,
                            keeps_alive=number != 2,
                            websocket_path="/ws/echo" if number >= 5 else ""))
    return found


def peers():
    """The peers that are installed."""
    return [peer for peer in (nginx(), uvicorn(), node()) if peer]


@functools.cache
def output_of(*command, status=0):
    """What a command says; empty when it is not installed or its exit status is another one."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=HERE)
    except OSError:
        return ""
    return (done.stdout + done.stderr).strip() if done.returncode == status else ""


def wrk_version():
    """wrk tells its version where it explains itself, as a failure."""
    found = re.search(r"wrk \D*([\d.]+)", output_of("wrk", "-v", status=1))
    return found[1] if found else ""


def nginx():
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin")
    if not program:
        return None
    version = output_of(program, "-v").rpartition("/")[2]
    return Server("nginx", (program, "-e", "/dev/null", "-c", "{folder}/nginx.conf"), version)


def uvicorn(app="peer:app", folder=HERE, websocket_path="/"):
    script = f"import {UVICORN_PARTS}; print(uvicorn.__version__)"
    version = output_of(SYSTEM_PYTHON, "-c", script)
    if not version:
        return None
    options = "--port {port} --http httptools --loop uvloop --ws websockets --no-access-log"
    command = (SYSTEM_PYTHON, "-m", "uvicorn", app, "--app-dir", str(folder), "--log-level",
               "critical")
    return Server("uvicorn", command + tuple(options.split()), version,
                  websocket_path=websocket_path)


def hypercorn(app, folder):
    version = version_of("hypercorn")
    if not version or not version_of("uvloop"):
        return None
    command = (SYSTEM_PYTHON, "-m", "hypercorn", f"{folder}/{app}", "--bind", "127.0.0.1:{port}",
               "--worker-class", "uvloop")
    return Server("hypercorn", command, version)


def version_of(package):
    """That of a package of the system's Python; empty when it is not installed."""
    script = f"import importlib.metadata as data; print(data.version({package!r}))"
    return output_of(SYSTEM_PYTHON, "-c", script)


def python_hosts(steps):
    """Yields the name of each application in Python whose framework is installed, and what can run
    it: the steps that can, and the peers."""
    for step in steps:
        for name in FRAMEWORKS:
            file = application_file(step, name)
            if not file or (name != FRAMEWORKS[0] and not version_of(name)):
                continue
            app = f"{file.stem}:app"
            ours = Server(step.name, (*step.command, app, "--app-dir", str(file.parent)))
            others = [uvicorn(app, file.parent, ""), hypercorn(app, file.parent)]
            yield name, [ours, *filter(None, others)]


def application_file(step, name):
    """The step's application of a framework, or None."""
    found = (ROOT / step.name).rglob("hello.py" if name == FRAMEWORKS[0] else f"with_{name}.py")
    return next(found, None)


def node():
    version = output_of("node", "--version").lstrip("v")
    if not version:
        return None
    has_websocket = output_of("node", "-e", "require('ws'); console.log('yes')") == "yes"
    return Server("node", ("node", "peer.js", "{port}"), version,
                  websocket_path="/" if has_websocket else "")
