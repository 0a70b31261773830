"""No fault: the server of step 01 that the broken ones are made of.

Step: 1
"""

from honest import server
from honest.echo import Session

server.run(Session)
