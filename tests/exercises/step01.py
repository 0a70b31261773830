"""The exercises of step 01: bytes."""

import time

from conversation import PATIENCE, Todo
from exercise import break_seen_by_checks, exercise

break_seen_by_checks(
    "1a",
    "one client at a time",
    "Server::accept_connections() in server.cpp",
    "echoes to a hundred clients at once",
    kept="echoes what it is sent",
)


@exercise("1b", "an echo that shouts", "serve() in session.cpp")
def shout(server):
    rule = "the letters a to z come back as capitals, and every other byte as it was"
    talk = server.connect()
    talk.send(b"Hello")
    if talk.take(5) == b"Hello":
        raise Todo
    talk.taken = talk.said[-1][1]
    talk.expect(b"HELLO", rule)
    talk.send(b", 1st w\xc3\xb6rld [az] `{\x00\xff")
    talk.expect(b", 1ST W\xc3\xb6RLD [AZ] `{\x00\xff", rule)
    talk.send(b"x" * 300_000)
    talk.expect(b"X" * 300_000, rule)


@exercise("1c", "how many are here", "serve() in session.cpp")
def count_clients(server):
    rule = "each client is told at once how many are there, itself too; who has gone is not counted"
    first = server.connect()
    if not first.read(1):
        first.send(b"?")
        if first.take(1) == b"?":
            raise Todo
    first.end_sending()
    first.at_end()
    clients = [connect_and_count(server, 1, rule)]
    for number in range(2, 5):
        clients.append(server.connect())
        clients[-1].expect(b"clients here: %d\n" % number, rule)
    clients[1].send(b"ping")
    clients[1].expect(b"ping", "after the greeting the server is an echo, as before")

    clients[1].end_sending()
    clients[1].require(clients[1].at_end(), "the end", "a client that has ended is answered so")
    server.connect().expect(b"clients here: 4\n", rule)
    clients[2].reset()
    connect_and_count(server, 4, "a client that has ended with a reset is not counted")


def connect_and_count(server, number, rule):
    """That a client has gone takes its time to be seen: others come and go until it is."""
    deadline = time.monotonic() + PATIENCE
    while True:
        talk = server.connect()
        wanted = b"clients here: %d\n" % number
        seen = talk.take(len(wanted))
        if seen == wanted:
            return talk
        if time.monotonic() > deadline:
            talk.require(False, f'"clients here: {number}"', rule, seen)
        talk.end_sending()
        talk.at_end()
        talk.socket.close()
        time.sleep(0.02)  # a client after the other, and not as many as the system has ports
