"""It waits for the end of a line before it answers.

Step: 1

Fails:
  echoes what it is sent
  echoes every byte there is
  echoes bytes that come one by one
  echoes eight million bytes
  stops reading from a client that does not read
"""

from honest import echo, server


class Session(echo.Session):
    async def run(self):
        while await self.connection.fill():
            lines, newline, rest = self.connection.input.rpartition(b"\n")
            await self.connection.send(bytes(lines + newline))
            self.connection.input = rest


server.run(Session)
