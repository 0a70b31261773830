"""Step 01: what comes goes back."""


class Session:
    def __init__(self, connection):
        self.connection = connection

    async def run(self):
        while await self.connection.fill():
            await self.connection.send(bytes(self.connection.input))
            self.connection.input.clear()
