"""No fault: the server of step 02 that the broken ones are made of.

Step: 2
"""

from honest import server
from honest.session import OneRequest

server.run(OneRequest)
