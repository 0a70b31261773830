"""An answer that is not out yet when the server is told to stop is dropped.

Step: 3

Fails:
  answers a request that it has begun before it stops
  takes no new connections while it stops
"""

from honest import server, session


class Session(session.Session):
    def format_answer(self, *answer):
        return b"" if self.connection.server.stopping else super().format_answer(*answer)


server.run(Session)
