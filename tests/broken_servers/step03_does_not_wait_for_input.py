"""It asks for input and does not wait until there is some: the loop never lets anything else run.

Step: 3

Fails:
  answers at all
"""

from honest import server
from honest.session import Session


class Impatient(Session):
    async def fill(self, seconds, what):
        return True

    async def wait_for_request(self):
        return True


server.run(Impatient)
