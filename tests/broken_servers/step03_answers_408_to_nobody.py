"""A client that has asked for nothing gets 408 when it has been idle for too long.

Step: 3

Fails:
  closes silently on a client that says nothing
  closes a kept connection silently when it is not used
  closes silently on a client that sends only an empty line
"""

from honest import server, session


class Session(session.Session):
    async def wait_for_request(self):
        return await self.fill(self.options.timeout_keep_alive, "the request")


server.run(Session)
