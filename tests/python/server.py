"""The program of step 06 with an application in Python, and what a client needs to ask it."""

import contextlib
import http.client
import os
import pathlib
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from program import Program  # noqa: E402

PATIENCE = 20  # seconds for what must happen
HERE = pathlib.Path(__file__).resolve().parent
TEXT, BINARY, CLOSE = 1, 2, 8


class Server(Program):
    """The program with an application of `directory`, from its ready line to its exit."""

    patience = PATIENCE

    def __init__(self, program, app, *options, directory=HERE, **environment):
        super().__init__(program, app, "--app-dir", str(directory), *options,
                         env={**os.environ, **environment})

    def wait_for_log(self, text):
        """What is logged beside an answer may come after it."""
        end = time.monotonic() + PATIENCE
        while text not in self.log():
            if time.monotonic() > end:
                raise AssertionError(f"{text!r} is not in the log:\n{self.log()}")
            time.sleep(0.01)

    def http(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def ask(self, target, method="GET", body=None, headers=None):
        """Returns status, headers and body of the answer to one request."""
        with contextlib.closing(self.http()) as connection:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def text(self, target, *arguments):
        """The body of an answer that has to be a good one."""
        status, _, body = self.ask(target, *arguments)
        if status != 200:
            raise AssertionError(f"{target}: {status} {body!r}\n{self.log()}")
        return body.decode()


class WebSocket:
    """A client that sends and receives whole messages."""

    def __init__(self, server, target, fields=""):
        self.socket = server.connect(
            f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"{fields}\r\n".encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.head = b"".join(iter(self.file.readline, b"\r\n"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, message, opcode=None):
        opcode = opcode or (TEXT if isinstance(message, str) else BINARY)
        octets = message.encode() if isinstance(message, str) else message
        size = len(octets)
        length = (bytes([0x80 | size]) if size < 126 else
                  b"\xfe" + struct.pack(">H", size) if size < 65536 else
                  b"\xff" + struct.pack(">Q", size))
        self.socket.sendall(bytes([0x80 | opcode]) + length + bytes(4) + octets)

    def receive(self):
        """A str, bytes, or the code of a Close."""
        opcode, size = self.file.read(2)
        if size > 125:
            octets = self.file.read(2 if size == 126 else 8)
            size = int.from_bytes(octets, "big")
        octets = self.file.read(size)
        if opcode & 15 == CLOSE:
            return int.from_bytes(octets[:2], "big")
        return octets.decode() if opcode & 15 == TEXT else octets

    def close(self, code=1000):
        """Closes it. Returns the code that the server answers with."""
        self.send(code.to_bytes(2, "big"), CLOSE)
        return self.receive()
