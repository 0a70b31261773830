"""No fault: the server of step 05 that the broken ones are made of.

Step: 5
Judged by: websocket_frames
"""

from honest import server
from honest.websocket import WebSocket

server.run(WebSocket)
