"""100 (Continue) comes before each answer to a request that expects it, even after the body.

Step: 3

Fails:
  sends no 100 in the middle of a body
  sends no 100 when the body is already there
  sends no 100 when there is no body
  sends 100 before it waits for a body that is wanted
  sends one 100 only, however slowly the body comes
  sends no 100 for a body that is too large
"""

from honest import server, session


class Session(session.Session):
    def format_answer(self, *answer):
        interim = b"HTTP/1.1 100 Continue\r\n\r\n" if self.expecting else b""
        return interim + super().format_answer(*answer)

    def expects_continue(self, request):
        self.expecting = super().expects_continue(request)
        return self.expecting

    expecting = False


server.run(Session)
