"""The answers have no date.

Step: 3

Fails:
  dates each answer
  dates each refusal
"""

from honest import server, session


class Session(session.Session):
    def date_fields(self):
        return []


server.run(Session)
