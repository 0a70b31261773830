"""Each fragment is echoed as a message of its own.

Step: 5
Judged by: websocket_frames

Fails:
  puts two fragments together
  puts many fragments together
  puts empty fragments together
  puts a text between empty fragments together
  puts a megabyte of fragments together
  begins a new message after the last fragment
  refuses a continuation after the last fragment
  refuses a text within a text
  refuses binary within a text
  answers pings between fragments
  passes over pongs between fragments
  closes between fragments
  refuses RSV1 in a continuation
"""

from honest import server
from honest.websocket import WebSocket


class Session(WebSocket):
    async def receive_fragment(self, fin, opcode, payload):
        await super().receive_fragment(fin, opcode, payload)
        if not fin:
            await self.echo(self.opcode, bytes(self.message))
            self.message.clear()


server.run(Session)
