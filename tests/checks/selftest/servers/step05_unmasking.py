"""A wrong server of WebSockets: it unmasks and echoes whatever comes, and masks it again."""

import base64
import contextlib
import hashlib
import socket
import sys
import threading

PING, CLOSE = 9, 8
KEY = b"Sec-WebSocket-Key: "
ANSWER = (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
          b"sec-websocket-accept: %s\r\n\r\n")


def accept(file):
    lines = list(iter(lambda: file.readline().rstrip(b"\r\n"), b""))
    key = [line for line in lines if line.startswith(KEY)][0][len(KEY):].strip()
    guid = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return ANSWER % base64.b64encode(hashlib.sha1(key + guid).digest())


def mask(payload, key):
    return bytes(octet ^ key[i % 4] for i, octet in enumerate(payload))


def serve(connection):
    with connection, connection.makefile("rb") as file, contextlib.suppress(OSError, IndexError):
        connection.sendall(accept(file))
        while header := file.read(2):
            masked, length = header[1] & 0x80, header[1] & 0x7f
            if length == 126:
                length = int.from_bytes(file.read(2), "big")
            key = file.read(4) if masked else bytes(4)
            payload = mask(file.read(length), key)
            if len(payload) < length:
                return
            opcode = header[0] & 15
            if opcode == CLOSE:
                connection.sendall(b"\x88\x02\x03\xe8")
                return
            if opcode != PING:
                mark = 0 if masked and length > 0 else 0x80
                connection.sendall(bytes([header[0], mark | length]) + bytes(mark >> 5) + payload)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()
