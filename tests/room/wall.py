"""The program of the wall, and what a page gets from it."""

import base64
import http.client
import json
import os
import re
from urllib.parse import urlencode

import program


class Wall(program.Program):
    """From its ready lines to its end; `url` is its address, with the token."""

    def __init__(self, path, *options):
        super().__init__(path, "--host", "127.0.0.1", *options)
        while "--report" not in (line := self.process.stdout.readline()):
            assert line, self.log()
        self.path = re.search(r"http://[^/]+(/\w+)", line)[1]
        self.url = f"http://127.0.0.1:{self.port}{self.path}"

    def ask(self, method, path=None, body=None):
        """The status and the text of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
        try:
            connection.request(method, self.path if path is None else path, body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def report(self, **form):
        """The same, of a report."""
        return self.ask("POST", body=urlencode(form).encode())

    def watch(self, path="/live"):
        """A socket on which the handshake of a page has been sent, and its answer's status."""
        key = base64.b64encode(os.urandom(16)).decode()
        socket = self.connect((
            f"GET {self.path}{path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            f"Connection: upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n").encode())
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += socket.recv(1)
        return socket, int(head[9:12])

    def shown(self):
        """What a page that is opened now is given to show."""
        socket, status = self.watch()
        assert status == 101, status
        with socket:
            return json.loads(read_text(socket))


def read_exactly(socket, size):
    data = b""
    while len(data) < size:
        piece = socket.recv(size - len(data))
        assert piece, "the wall has closed the WebSocket"
        data += piece
    return data


def read_text(socket):
    """The next message: a text in one frame (RFC 6455 section 5.2)."""
    first, length = read_exactly(socket, 2)
    assert first == 0x81, hex(first)
    if length > 125:
        length = int.from_bytes(read_exactly(socket, 2 if length == 126 else 8), "big")
    return read_exactly(socket, length).decode()
