"""The length of the answer is counted in characters, not in octets.

Step: 2

Fails:
  takes bytes from 0x80 in a value
"""

from honest import server
from honest.session import OneRequest


class Session(OneRequest):
    def length_fields(self, content):
        characters = content.decode(errors="surrogateescape")
        return [(b"content-length", b"%d" % len(characters))]


server.run(Session)
