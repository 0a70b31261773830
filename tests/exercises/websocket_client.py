"""A client of WebSocket, just as far as the exercises need it."""

import struct

from http_answer import ask


class Socket:
    """A WebSocket; what was said on it is in `talk`. Its handshake is told in a word, but with
    `fields`, which are what matters then."""

    def __init__(self, server, path, fields=""):
        key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        upgrade = f"Connection: Upgrade\r\nUpgrade: websocket\r\n{key}{fields}"
        self.talk, self.answer = ask(server, path, fields=upgrade)
        if self.answer.status == 101 and not fields:
            self.talk.said = [["we opened", path.encode()]]

    def send(self, text):
        """Sends a text, masked with a key of zeros: it can be read in a report."""
        data = text.encode()
        if len(data) <= 125:
            head = struct.pack(">BB", 0x81, 0x80 | len(data))
        elif len(data) <= 65535:
            head = struct.pack(">BBH", 0x81, 0xFE, len(data))
        else:
            head = struct.pack(">BBQ", 0x81, 0xFF, len(data))
        self.talk.send(head + bytes(4) + data)

    def receive(self):
        """The next text, or an empty one if none comes whole."""
        head = self.talk.take(2)
        size = head[1] & 0x7F if len(head) == 2 else 0
        if size > 125:
            octets = self.talk.take(2 if size == 126 else 8)
            size = int.from_bytes(octets, "big")
        return self.talk.take(size).decode(errors="replace")

    def receive_of(self, *kinds):
        """The next text that begins with one of these words; others are passed over."""
        text = self.receive()
        while text and text.split("\t")[0] not in kinds:
            text = self.receive()
        return text
