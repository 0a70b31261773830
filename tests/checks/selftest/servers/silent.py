"""A wrong server: it takes connections and never says anything."""

import socket
import sys

listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
connections = []
while True:
    connections.append(listener.accept()[0])
