"""What connections that nobody uses cost a server."""

import contextlib
import resource
import socket
import struct
import time

PATIENCE = 30
HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
REQUEST = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close at once, so that no port stays taken


def raise_limit(wanted):
    """Lets this process, and those it starts, have descriptors for `wanted` connections. Returns
    how many they can have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard - 200)


@contextlib.contextmanager
def connections(running, number, request):
    """Holds connections that have had an answer to `request` each, and then keep silent."""
    held = []
    try:
        for _ in range(number):
            client = socket.create_connection(("127.0.0.1", running.port), PATIENCE)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            held.append(client)
            client.sendall(request.encode())
        for client in held:
            if not client.recv(4096):
                raise SystemExit("bench: an idle connection was closed")
        yield
    finally:
        for client in held:
            client.close()


def memory(running, number, request, busy=None):
    """Returns the octets of a connection, and what busy() returns while all of them are held."""
    with connections(running, 16, request):  # what the first ones need is not counted
        pass
    time.sleep(0.2)
    before = running.resident()
    with connections(running, number, request):
        size = (running.resident() - before) / number
        return size, busy() if busy else None
