"""The exercises of step 04: applications."""

import re

from conversation import Todo
from exercise import break_seen_by_checks, exercise
from http_answer import ask, read_chunk, read_head

break_seen_by_checks(
    "4.1",
    "an application that listens once",
    "echo() in demo/http.cpp",
    "reads a body of several chunks",
    kept="says the length of the answer",
)


@exercise("4.2", "a middleware that measures", "request_id() in demo/request_id.cpp")
def server_timing(server):
    rule = "every response has one field Server-Timing: app;dur=M, in milliseconds until it began"
    for target in ("/", "/reflect", "/nothing", "/stream?n=100000", "/big?n=5"):
        talk, answer = ask(server, target)
        values = answer.all("server-timing")
        if target == "/" and not values:
            raise Todo
        talk.require(len(values) == 1, f"one server-timing, not {len(values)},", rule, b"\r\n\r\n")
        form = re.fullmatch(rb"app;dur=(\d+(?:\.\d+)?)", values[0])
        talk.require(form, "app;dur=M", rule, values[0])
    talk = server.connect()
    talk.send(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
    fields = dict(read_head(talk)[1])
    rule = "the head is not held back until the application has ended"
    talk.require("server-timing" in fields, "the head with server-timing", rule)


@exercise("4.3", "a countdown", "events() in demo/http.cpp")
def countdown(server):
    rule = "/countdown?from=3 says 3, 2, 1 and go, a line each half second, as they come"
    talk, answer = ask(server, "/countdown")
    if answer.status == 404:
        raise Todo
    without = "without a number in from it is answered with 400"
    talk.require(answer.status == 400, "400", without, b" " + answer.line[9:12])
    talk = server.connect()
    talk.send(b"GET /countdown?from=3 HTTP/1.1\r\nHost: x\r\n\r\n")
    read_head(talk)
    talk.require(read_chunk(talk) == b"3\n", "a chunk with 3", rule)
    blocked = "the others are served meanwhile: wait with co_await, and do not block the thread"
    for _ in range(20):
        other, answer = ask(server, "/")
        other.require(answer.status == 200, "200", blocked)
    while talk.read(0.001):
        pass
    talk.end = ""
    talk.require(b"go" not in talk.taken, "20 answers to another client before go", blocked, b"go")
    text, chunk = b"", read_chunk(talk)
    while chunk:
        text, chunk = text + chunk, read_chunk(talk)
    talk.require(text == b"2\n1\ngo\n", '"2\\n1\\ngo\\n", and the last chunk,', rule)
