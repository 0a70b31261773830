"""The time for a head begins again with each byte of it.

Step: 3

Fails:
  cuts off a client that sends a byte now and then
"""

from honest import server, session


class Session(session.Session):
    async def fill(self, seconds, what):
        if what == "the head":
            seconds = self.options.timeout_request_head
        return await super().fill(seconds, what)


server.run(Session)
