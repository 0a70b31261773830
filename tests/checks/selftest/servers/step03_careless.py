"""A wrong server: one read is one request, every answer is Hello, and some bytes follow it."""

import contextlib
import socket
import sys
import threading

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 13\r\n\r\nHello, World!"


def serve(connection):
    with connection, contextlib.suppress(ConnectionError):
        while request := connection.recv(65536):
            extra = b"\r\n" if request.startswith(b"POST") else b""
            connection.sendall(ANSWER + extra)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()
