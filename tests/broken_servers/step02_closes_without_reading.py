"""It closes without reading what the client has sent: the system answers with a reset, and the
client may lose the answer.

Step: 2
Judged by: closing

Fails:
  answers 404 to a request whose body it does not read
  refuses a request that is followed by much more
  goes on reading after it has ended a connection
  waits for a client that goes on sending slowly after its answer
"""

from honest import server
from honest.session import OneRequest


class Session(OneRequest):
    async def run(self):
        await super().run()
        self.connection.writer.close()


server.run(Session)
