"""The beginning of a server, in Python: it answers each request as it answers GET /, and closes.

usage: my_server.py PORT
"""

import asyncio
import signal
import sys

CONTENT = b"Hello, World!"


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
        while await reader.read(65536):  # or else the client may get a reset, and no answer
            pass
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        pass  # the client has gone, or sends no head
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await server.serve_forever()


for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: sys.exit(0))
asyncio.run(main())
