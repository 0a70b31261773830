"""A percent sign with no digits behind it ends the whole server.

Step: 2

Fails:
  refuses a percent sign without digits
  refuses a percent sign with one digit
  refuses a percent sign with one digit and a letter
  refuses a percent sign at the end
  refuses a percent sign with a sign behind it
"""

import os

from honest import server
from honest.grammar import Refused
from honest.session import OneRequest


class Session(OneRequest):
    def parse_target(self, request):
        try:
            super().parse_target(request)
        except Refused as refused:
            if b"%" in request.path:
                print("ValueError: invalid literal for int() with base 16", flush=True)
                os._exit(1)
            raise refused


server.run(Session)
