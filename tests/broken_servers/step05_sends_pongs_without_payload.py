"""A pong is empty, whatever the ping has.

Step: 5
Judged by: websocket_frames

Fails:
  answers ten pings in order
  answers a ping with its payload
  answers a ping with any octets
  answers a ping of 125 octets
  answers a ping that came before a bad frame
  answers pings between fragments
"""

from honest import server, websocket
from honest.websocket import WebSocket


class Session(WebSocket):
    async def send_frame(self, opcode, payload):
        await super().send_frame(opcode, b"" if opcode == websocket.PONG else payload)


server.run(Session)
