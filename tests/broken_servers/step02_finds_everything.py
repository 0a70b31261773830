"""Every path has the same answer.

Step: 2

Fails:
  answers 404 to GET
  answers 404 to POST
  answers 404 to an unknown method
  answers 404 to HEAD, without content
  answers 404 to a request whose body it does not read
  closes when asked to with a path that is not there
  finds nothing at an unknown path
  finds nothing at a path of another case
  finds nothing below a resource
  finds nothing at a path with two slashes
  finds nothing at an encoded question mark
  finds nothing at an unknown path in absolute form
  takes * with OPTIONS
"""

from honest import server
from honest.session import OneRequest


class Session(OneRequest):
    def respond(self, request):
        status, fields, content = super().respond(request)
        return (200 if status == 404 else status), fields, content


server.run(Session)
