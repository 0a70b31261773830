"""HEAD is answered with the content that GET would get.

Step: 2

Fails:
  answers HEAD as GET without content
  answers HEAD in HTTP/1.0
  answers 404 to HEAD, without content
  answers HEAD with the length that GET has
  refuses HEAD without content
"""

from honest import server
from honest.session import OneRequest


class Session(OneRequest):
    def content_to_send(self, content):
        return content


server.run(Session)
