"""It takes for granted that the whole head comes with the first read.

Step: 2
Judged by: takes a target of*, takes a field of*

Fails:
  takes a target of 8000 octets
  takes a target of 16,000 octets
  takes a field of 30,000 octets
"""

from honest import server
from honest.session import OneRequest


class Session(OneRequest):
    def find_section_end(self, data, start):
        return super().find_section_end(data, start) or len(data)


server.run(Session)
