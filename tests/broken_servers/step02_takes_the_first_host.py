"""It looks for the first Host, and not whether there is one, or a second one.

Step: 2

Fails:
  refuses HTTP/1.1 without Host
  refuses HTTP/1.1 with other fields and no Host
  refuses two different Hosts
  refuses two equal Hosts
  refuses two Hosts of different case
  refuses two Hosts that stand apart
  refuses HTTP/1.0 with two Hosts
  does not take a field like X-Host for Host
  refuses an absolute form without Host
  refuses an absolute form of another host
  refuses an absolute form of another port
  refuses an absolute form with a port that begins with 80
"""

from honest import server
from honest.session import OneRequest


class Session(OneRequest):
    def check_host(self, request):
        for host in request.find_all(b"host")[:1]:
            self.parse_authority(host)


server.run(Session)
