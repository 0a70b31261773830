"""The application of the peers is right: under uvicorn it passes what every server should.

  smoke_test.py CHECKS        ends with status 77 where uvicorn is not installed
"""

import sys

import peers

CHECKS = ("says the length of the answer,answers 404 to GET,answers 405 to POST on /,"
          "understands a request line,reads a body of a given length,reads a chunked body,"
          "answers pipelined requests in order,sends a body in pieces with its length,"
          "sends a body of unknown size in chunks,counts a body of a given length,"
          "tells the application the path,tells the application the query,decodes the path")

uvicorn = next(peer for peer in peers.PEERS if peer.name == "uvicorn (h11)")
if not peers.version(uvicorn):
    print("uvicorn is not installed")
    sys.exit(77)
text = peers.report(sys.argv[1], uvicorn, [f"-tc={CHECKS}"])
print(text)
passed = f"{len(CHECKS.split(','))} passed, 0 failed" in text
sys.exit(0 if passed else 1)
