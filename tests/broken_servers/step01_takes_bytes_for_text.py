"""Bytes are decoded as text and encoded again.

Step: 1

Fails:
  echoes every byte there is
"""

from honest import echo, server


class Session(echo.Session):
    async def run(self):
        while await self.connection.fill():
            text = self.connection.input.decode(errors="replace")
            await self.connection.send(text.encode())
            self.connection.input.clear()


server.run(Session)
