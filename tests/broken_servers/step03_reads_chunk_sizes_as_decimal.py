"""A chunk size is read as a decimal number.

Step: 3

Fails:
  reads a size of two digits
  echoes a megabyte of chunks
  refuses a chunk over 16 MiB
"""

from honest import server, session


class Session(session.Session):
    def parse_chunk_size(self, digits):
        return int(digits) if digits.isdigit() else super().parse_chunk_size(digits)


server.run(Session)
