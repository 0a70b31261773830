"""A wrong server: it crashes on a request for a path that it does not know."""

import os
import signal
import socket
import sys

ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 13\r\n"
    b"connection: close\r\n\r\nHello, World!"
)


def read_head(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            return b""
        head += part
    return head


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    connection, _ = listener.accept()
    with connection:
        head = read_head(connection)
        if b" /nothing " in head:
            print("no such path: I did not think of that", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGSEGV)
        if head:
            connection.sendall(ANSWER)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
