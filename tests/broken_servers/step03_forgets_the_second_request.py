"""What came behind a request in the same read is thrown away.

Step: 3
Judged by: pipelining

Fails:
  answers pipelined requests in order
  answers two hundred pipelined requests
  answers a request whose beginning came with the one before
  answers HEAD between other requests
  answers nothing after a request that says close
  stops reading from a client that takes no answers
  answers what came before a bad request
  echoes a body of a megabyte
  answers pipelined requests that come byte by byte
  answers pipelined requests with bodies
  reads over bodies that nobody asked for
  answers all pipelined requests after a half-close
  echoes a megabyte of chunks
"""

from honest import server, session


class Session(session.Session):
    async def answer(self, request):
        keep = await super().answer(request)
        self.connection.input.clear()
        return keep


server.run(Session)
