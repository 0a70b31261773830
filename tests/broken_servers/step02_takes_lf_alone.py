"""Lines may end with LF alone.

Step: 2

Fails:
  refuses a request line ended by LF alone
  refuses a head with LF only
  refuses a field line ended by LF alone
  refuses a head ended by LF alone
"""

import re

from honest import server
from honest.session import OneRequest

EMPTY_LINE = re.compile(rb"\r?\n\r?\n")


class Session(OneRequest):
    def split_section(self, data, start):
        found = EMPTY_LINE.search(data, start)
        end = found.end() if found else 0
        section = bytes(data[start : end or len(data)])
        if not end:
            section = section.removesuffix(b"\r")  # its LF has not come yet
        lines = re.split(rb"\r?\n", section)
        return (lines[:-2] if end else lines), end


server.run(Session)
