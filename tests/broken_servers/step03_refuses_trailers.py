"""Fields behind the last chunk are refused.

Step: 3

Fails:
  reads over a trailer
  reads over several trailers
  takes no length from a trailer
  takes no coding from a trailer
  takes no close from a trailer
"""

from honest import server, session
from honest.grammar import Refused


class Session(session.Session):
    def parse_trailers(self, data, begin):
        end = super().parse_trailers(data, begin)
        if end and end > begin + 2:
            raise Refused(400, "an empty line follows the chunk of size 0")
        return end


server.run(Session)
