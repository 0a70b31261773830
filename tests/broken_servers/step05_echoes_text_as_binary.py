"""A text is echoed as binary.

Step: 5
Judged by: websocket_frames

Fails:
  echoes a text
  echoes a text of other letters
  echoes several messages in order
  echoes an empty text
  echoes a text of 125 octets
  echoes a text of 126 octets
  echoes texts of 127 to 129 octets
  echoes a text of 300 octets
  echoes a text of 65,535 octets
  echoes a text of 65,536 octets
  echoes a text of a megabyte
  unmasks with a key of zeros
  unmasks with a key of ones
  unmasks texts of 1 to 17 octets
  unmasks each frame with its own key
  does not answer a pong
  echoes what came before a bad frame
  echoes what came before an empty frame of opcode 11
  puts two fragments together
  puts empty fragments together
  puts a text between empty fragments together
  begins a new message after the last fragment
  refuses a continuation after the last fragment
  answers pings between fragments
  passes over pongs between fragments
"""

from honest import server, websocket
from honest.websocket import WebSocket


class Session(WebSocket):
    async def echo(self, opcode, message):
        await super().echo(websocket.BINARY, message)


server.run(Session)
