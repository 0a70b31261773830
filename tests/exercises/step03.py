"""The exercises of step 03: many requests on a connection."""

from conversation import Todo
from exercise import break_seen_by_checks, exercise
from http_answer import ask, read_answer

break_seen_by_checks(
    "3a",
    "a body that is taken for a request",
    "Session::answer() in session.cpp",
    "reads over bodies that nobody asked for",
    kept="says the length of the answer",
)


@exercise(
    "3b",
    "enough requests",
    "Session::answer() in session.cpp",
    options="--limit-requests 3",
)
def limit_requests(server):
    rule = "with --limit-requests 3 the third answer says connection: close, and is the last"
    talk = server.connect()
    talk.send(b"".join(b"GET /reflect?%d HTTP/1.1\r\nHost: x\r\n\r\n" % n for n in range(1, 6)))
    for number in range(1, 4):
        answer = read_answer(talk)
        line = b"GET /reflect?%d " % number
        talk.require(answer.body.startswith(line), f"the answer to request {number}", rule)
        closes = answer.field("connection") == b"close"
        if number < 3:
            talk.require(not closes, "no close yet", rule, b"connection: close")
        else:
            talk.require(closes, "connection: close in the head above", rule, line)
    talk.require(talk.at_end(), "the end of the connection", rule, b"HTTP/1.1 ")
    talk, answer = ask(server, "/")
    rule = "the limit is one of a connection: the next one starts at zero"
    talk.require(answer.status == 200 and not answer.all("connection"), "no close", rule)


@exercise("3c", "count a body, and do not keep it", "Session::answer() in session.cpp")
def count_octets(server):
    rule = "/count answers with the number of octets of the body: 5 octets"
    talk, answer = ask(server, "/count", "POST", "Content-Length: 5\r\n", b"hello")
    if answer.status == 404:
        raise Todo
    talk.require(answer.body == b"5 octets\n", '"5 octets\\n"', rule, answer.body or None)
    chunks = b"4\r\nWiki\r\n6\r\npedia.\r\n0\r\n\r\n"
    talk, answer = ask(server, "/count", "POST", "Transfer-Encoding: chunked\r\n", chunks)
    talk.require(answer.body == b"10 octets\n", '"10 octets\\n"', rule, answer.body or None)
    before = server.greatest_memory()
    size = 15_000_000
    talk, answer = ask(server, "/count", "POST", f"Content-Length: {size}\r\n", b"x" * size)
    wanted = b"%d octets\n" % size
    talk.require(answer.body == wanted, f'"{size} octets\\n"', rule, answer.body or None)
    grown = (server.greatest_memory() or 0) - (before or 0)
    rule = f"one piece of the body is held at a time; the server has grown by {grown:,} KiB"
    talk.require(grown < 4096, "less than 4,096 KiB more", rule)
