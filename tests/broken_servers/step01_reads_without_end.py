"""It reads on while the client takes nothing: the echo piles up in memory.

Step: 1

Fails:
  stops reading from a client that does not read
"""

from honest import echo, server


class Session(echo.Session):
    async def run(self):
        while await self.connection.fill():
            self.connection.writer.write(bytes(self.connection.input))  # and nobody waits for it
            self.connection.input.clear()


server.run(Session)
