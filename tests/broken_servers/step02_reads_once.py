"""It reads once, 4096 octets at most, and takes that for the whole head.

Step: 2
Judged by: takes a target of*, takes a field of*

Fails:
  takes a target of 8000 octets
  takes a target of 16,000 octets
  takes a field of 30,000 octets
"""

from honest import connection, server
from honest.grammar import Refused
from honest.session import OneRequest

connection.PIECE = 4096


class Session(OneRequest):
    def parse_head(self, data):
        parsed = super().parse_head(data)
        if data and not parsed:
            raise Refused(400, "a head ends with an empty line")
        return parsed


server.run(Session)
