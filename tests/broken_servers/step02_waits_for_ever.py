"""It reads for ever, and answers nobody: it never sees that a request is complete.

Step: 2

Fails:
  answers at all
"""

from honest import server
from honest.session import OneRequest


class Session(OneRequest):
    def parse_head(self, data):
        return None


server.run(Session)
