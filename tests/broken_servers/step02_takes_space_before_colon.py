"""A space may stand between a field name and its colon.

Step: 2

Fails:
  refuses a space before the colon of Host
  refuses a space before the colon
  refuses a tab before the colon
"""

from honest import server
from honest.session import OneRequest


class Session(OneRequest):
    def parse_field_line(self, line):
        name, colon, value = line.partition(b":")
        return super().parse_field_line(name.rstrip(b" \t") + colon + value)


server.run(Session)
