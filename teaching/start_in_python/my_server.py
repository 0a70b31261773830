"""The beginning of a server, in Python: it answers each request as it answers GET /, and closes.

usage: my_server.py PORT
"""

import asyncio
import signal
import socket
import sys

CONTENT = b"Hello, World!"
LINGER = 16 << 20  # octets that are still read from a client that has its answer


async def serve(reader, writer):
    """One client: a request's head, then an answer, then the end."""
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n"
                     b"content-type: text/plain\r\n"
                     b"content-length: %d\r\n"
                     b"connection: close\r\n"
                     b"\r\n" % len(CONTENT) + CONTENT)
        writer.write_eof()
        left = LINGER
        while left > 0 and (data := await reader.read(65536)):  # or else the client may get a reset
            left -= len(data)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        pass  # the client has gone, or sends no head
    finally:
        writer.close()


async def accept(listener):
    """Starts a task for each client. Where there is no descriptor left, it waits for one, as
    start_server() does not: it tries a hundred times at once."""
    tasks = set()  # the loop does not hold them
    while True:
        try:
            client, _ = await asyncio.get_running_loop().sock_accept(listener)
            streams = await asyncio.open_connection(sock=client)
        except OSError:
            await asyncio.sleep(0.1)
            continue
        task = asyncio.create_task(serve(*streams))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


async def main():
    end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
        listener.setblocking(False)
        accepting = asyncio.create_task(accept(listener))
        await end.wait()
        accepting.cancel()


asyncio.run(main())
