"""A client need not mask its frames.

Step: 5
Judged by: websocket_frames

Fails:
  refuses a text that is not masked
  refuses an empty text that is not masked
  refuses a ping that is not masked
"""

from honest import server
from honest.websocket import WebSocket


class Session(WebSocket):
    def check_masked(self, masked):
        pass


server.run(Session)
