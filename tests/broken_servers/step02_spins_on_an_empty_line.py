"""It never gets past an empty line before the request, and hangs.

Step: 2

Fails:
  refuses more than four empty lines
  skips an empty line before the request line
  skips four empty lines before the request line
"""

from honest import server
from honest.session import OneRequest


class Session(OneRequest):
    def skip_empty_lines(self, data):
        start = 0
        while data.startswith(b"\r\n", start):
            pass  # start += 2
        return start


server.run(Session)
