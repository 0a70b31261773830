"""A step's program, which a test runs from its ready line to its end."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile

import guarded


class Program:
    """The program at `path`, on a port that is free; `process` goes to subprocess.Popen."""

    patience = 10  # seconds for what must happen

    def __init__(self, path, *options, **process):
        self.errors = tempfile.TemporaryFile()
        self.process = guarded.Popen(
            [path, "--port", "0", *options],
            **{"stdout": subprocess.PIPE, "stderr": self.errors, "text": True, **process})
        self.line = self.process.stdout.readline()
        self.port = int(self.line.rsplit(":", 1)[1]) if self.line else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()

    def stop(self, signal_number=signal.SIGTERM):
        """Ends it. Returns its exit status."""
        self.process.send_signal(signal_number)
        return self.process.wait(self.patience)

    def log(self):
        """What it has written to standard error so far."""
        return guarded.contents(self.errors)

    def connect(self, request=b"", host="127.0.0.1"):
        """Returns a socket on which `request` has been sent."""
        client = socket.create_connection((host, self.port), timeout=self.patience)
        client.sendall(request)
        return client

    def descriptors(self):
        """How many it has open. Only Linux tells."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self, what="VmRSS"):
        """In octets, as Linux counts it: VmRSS, VmSize, or VmHWM for the peak."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        sizes = dict(line.split(":") for line in status.splitlines() if line.endswith(" kB"))
        return 1024 * int(sizes[what].split()[0])
