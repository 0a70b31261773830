"""The key is taken for what it stands for, and not as it is written: the accept key is wrong.

Step: 5
Judged by: opens a WebSocket, answers*key*

Fails:
  opens a WebSocket
  answers the key that it is sent
  answers a key of zeros
"""

import base64

from honest import server
from honest.websocket import WebSocket


class Session(WebSocket):
    def accept_key(self, key):
        return super().accept_key(base64.b64decode(key))


server.run(Session)
