"""The process: it listens, gives each client a task, and ends in order.

The options are those of the steps' programs, as far as the checks use them.
"""

import argparse
import asyncio
import signal
import socket

from honest.connection import LINGER_AT_STOP, Connection


def parse_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    for name, seconds in [("keep-alive", 75), ("request-head", 10), ("request-body", 60),
                          ("write", 60), ("graceful-shutdown", 30)]:
        parser.add_argument(f"--timeout-{name}", type=float, default=seconds)
    parser.add_argument("--limit-concurrency", type=int, default=1000)
    parser.add_argument("--limit-request-body", type=int, default=16 * 1024 * 1024)
    return parser.parse_args()


class Server:
    """Accepts clients; `session` is the class that speaks with one of them."""

    def __init__(self, session, options):
        self.session = session
        self.options = options
        self.connections = {}  # and the task of each
        self.stopping = False

    async def run(self):
        signals = asyncio.Queue()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, signals.put_nowait, number)
        # asyncio tries as often as its backlog says, in a row, also when no descriptor is left.
        sock = socket.create_server(("127.0.0.1", self.options.port))
        listener = await asyncio.start_server(self.serve, sock=sock, backlog=1)
        sock.listen(100)
        await signals.get()
        listener.close()
        await self.drain(signals)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN)  # it ends already

    async def serve(self, reader, writer):
        """Serves one client, from its first byte to its end."""
        connection = Connection(reader, writer, self)
        self.connections[connection] = asyncio.current_task()
        try:
            await self.session(connection).run()
            await connection.close()
        except (ConnectionError, asyncio.TimeoutError, asyncio.CancelledError):
            connection.abort()
        finally:
            del self.connections[connection]

    async def drain(self, signals):
        """Ends idle connections now, and the others when their answers are out, or time is up."""
        self.stopping = True
        for connection in self.connections:
            connection.end_lingering_within(LINGER_AT_STOP)
            if connection.idle:
                connection.end_input()
        ended = asyncio.gather(*self.connections.values(), return_exceptions=True)
        told_again = asyncio.ensure_future(signals.get())
        await asyncio.wait([ended, told_again], return_when=asyncio.FIRST_COMPLETED,
                           timeout=self.options.timeout_graceful_shutdown)
        for connection in list(self.connections):
            connection.abort()


def run(session, server=Server):
    """Runs a server of such sessions until it is told to stop."""
    asyncio.run(server(session, parse_options()).run())
