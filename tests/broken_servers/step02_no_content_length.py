"""The answer does not say how long it is.

Step: 2

Fails:
  says the length of the answer
  answers HEAD as GET without content
"""

from honest import server
from honest.session import OneRequest


class Session(OneRequest):
    def length_fields(self, content):
        return []


server.run(Session)
