"""The length of the greeting was counted by hand, and not again when the greeting grew.

Step: 2

Fails:
  takes HTTP/1.0 without Host
  takes HTTP/1.0 with Host
  takes HTTP/1.2 as HTTP/1.1
  takes HTTP/1.9 as HTTP/1.1
  answers the path /
  a query on / leads to /
  says the length of the answer
  says the type of the answer
  takes an absolute form with no path
  takes an absolute form with a query and no path
  takes an absolute form with a port
"""

from honest import server
from honest.session import OneRequest


class Session(OneRequest):
    def respond(self, request):
        status, fields, content = super().respond(request)
        return status, fields, content.replace(b"World!", b"World!\n")

    def length_fields(self, content):
        length = 13 if content.startswith(b"Hello") else len(content)
        return [(b"content-length", b"%d" % length)]


server.run(Session)
