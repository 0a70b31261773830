"""A wrong server: it crashes on a request for a path that it does not know."""

import os
import signal
import socket
import sys

ANSWER = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 13\r\n"
    b"connection: close\r\n\r\nHello, World!"
)

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    connection, _ = listener.accept()
    with connection:
        request = connection.recv(65536)
        if b" /nothing " in request:
            print("no such path: I did not think of that", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGSEGV)
        if request:
            connection.sendall(ANSWER)
