"""No fault: the server of step 03 that the broken ones are made of.

Step: 3
"""

from honest import server
from honest.session import Session

server.run(Session)
