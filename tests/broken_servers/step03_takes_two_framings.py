"""Where Content-Length stands beside Transfer-Encoding, it goes by the latter and says nothing.

Step: 3

Fails:
  refuses Content-Length before Transfer-Encoding
  refuses Transfer-Encoding before Content-Length
  refuses Transfer-Encoding with a Content-Length of zero
  refuses Transfer-Encoding in capitals with Content-Length
"""

from honest import server, session


class Session(session.Session):
    def body_framing(self, request):
        if request.find_all(b"transfer-encoding"):
            request.fields = [field for field in request.fields if field[0] != b"content-length"]
        return super().body_framing(request)


server.run(Session)
