"""It has no deadline for a client that says nothing.

Step: 3

Fails:
  closes silently on a client that says nothing
  closes a kept connection silently when it is not used
  closes silently on a client that sends only an empty line
"""

from honest import server, session


class Session(session.Session):
    async def wait_for_request(self):
        self.options.timeout_keep_alive = None
        return await super().wait_for_request()


server.run(Session)
