"""It waits for a body without saying 100 (Continue), for which the client waits.

Step: 3
Judged by: expect

Fails:
  sends 100 before it waits for a body that is wanted
  sends one 100 only, however slowly the body comes
"""

from honest import server, session


class Session(session.Session):
    def expects_continue(self, request):
        super().expects_continue(request)
        return False


server.run(Session)
