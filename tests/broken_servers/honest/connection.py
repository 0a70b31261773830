"""One client's socket: what came and is not used yet, what goes out, how it ends."""

import asyncio
import math
import time

PIECE = 64 * 1024
SLACK = 0.5  # a deadline may act later, and never before: the client's clock starts after ours
SILENCE = 2.0  # seconds in which a client that has its last answer sends nothing
LINGER = 30.0  # seconds in all for what it still sends
LINGER_AT_STOP = 2.0  # the same, when the server stops


class Connection:
    def __init__(self, reader, writer, server):
        self.reader = reader
        self.writer = writer
        self.server = server
        self.options = server.options
        self.input = bytearray()
        self.idle = True  # nothing is being asked
        self.lingers = False  # the last answer is out
        self.linger_end = math.inf
        self.linger_octets = math.inf

    async def fill(self, seconds=None):
        """Waits for more input; false where none comes any more."""
        data = await asyncio.wait_for(self.reader.read(PIECE), seconds and seconds + SLACK)
        self.input += data
        return bool(data)

    async def send(self, data):
        """Sends all of it. The client has --timeout-write seconds for each piece."""
        for at in range(0, len(data), PIECE):
            self.writer.write(data[at : at + PIECE])
            await asyncio.wait_for(self.writer.drain(), self.options.timeout_write)

    async def close(self):
        """Ends our side, and reads on until the client has ended its own: closing with input
        unread would be a reset, which takes answers away that the client has not read."""
        self.writer.write_eof()
        self.lingers = True
        self.end_lingering_within(LINGER_AT_STOP if self.server.stopping else LINGER)
        await self.skip_input()
        self.writer.close()

    async def skip_input(self):
        skipped = 0
        more = True
        while more and skipped < self.linger_octets:
            seconds = min(SILENCE, self.linger_end - time.monotonic())
            piece = await asyncio.wait_for(self.reader.read(PIECE), max(seconds, 0))
            skipped += len(piece)
            more = bool(piece)

    def end_lingering_within(self, seconds):
        self.linger_end = min(self.linger_end, time.monotonic() + seconds)

    def end_input(self):
        """Whoever waits for input learns that none will come."""
        self.reader.feed_eof()

    def abort(self):
        """Drops the connection, and all that is still to be sent."""
        self.writer.transport.abort()
