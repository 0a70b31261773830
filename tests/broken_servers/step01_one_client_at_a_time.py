"""The next client is served only when the one before it has gone.

Step: 1

Fails:
  echoes to a hundred clients at once
"""

import asyncio

from honest import server
from honest.echo import Session


class OneAtATime(server.Server):
    turn = asyncio.Lock()

    async def serve(self, reader, writer):
        async with self.turn:
            await super().serve(reader, writer)


server.run(Session, OneAtATime)
