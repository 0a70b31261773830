#!/usr/bin/env python3
"""Reads requests, each a line of hexadecimal digits, and prints for each what h11 understands: see
differential.py. Exit status 77: there is no h11."""

import sys

try:
    import h11
except ImportError:
    sys.exit(77)


def understood(request, body):
    head = b"%s %s %s\n" % (request.method, request.target, request.http_version)
    fields = b"".join(b"%s: %s\n" % field for field in request.headers)
    return "read " + (head + fields + b"\n" + body).hex()


def read(data):
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(data)
    request, body = None, b""
    while True:
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError as error:
            return f"refused {str(error).split(chr(58))[0]}"
        if isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return understood(request, body)
        else:
            return "incomplete"


for line in sys.stdin:
    print(read(bytes.fromhex(line)))
