"""A field name is known as the RFCs write it, or in small letters; in another case it is not.

Step: 2

Fails:
  does not mind the case of field names
  knows Host in any case
  refuses two Hosts of different case
"""

from honest import server
from honest.session import OneRequest


class Session(OneRequest):
    def parse_field_line(self, line):
        name, value = super().parse_field_line(line)
        written = line[: len(name)]
        return (name if written.istitle() else written), value


server.run(Session)
