"""The exercises of step 06: two languages."""

import pathlib
import re
import shlex

from conversation import Todo
from exercise import break_seen_here, exercise
from http_answer import ask, read_answer, read_chunk, read_head
from websocket_client import Socket

SLEEPING = "sleeping:app --app-dir " + shlex.quote(
    str(pathlib.Path(__file__).resolve().with_name("applications")))


@break_seen_here("6a", "a lock that is not given away", "Asyncio::select() in python/asyncio.cpp",
                 options=SLEEPING)
def wait_in_a_thread(server):
    rule = "who waits gives Python's lock away: a thread that sleeps twenty times needs it each time"
    for target in ("/", "/thread"):
        talk, answer = ask(server, target)
        talk.require(answer.status == 200, "200 after a second", rule)


@exercise("6b", "a deadline", "request_id() in applications/demo.py", options="deadline:app")
def deadline(server):
    socket = Socket(server, "/ws/echo")
    talk = server.connect()
    talk.send(b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhal")
    rule = "who has not begun its response after half a second is cancelled, and 504 is the answer"
    answer = read_answer(talk)
    talk.require(answer.status == 504, "504", rule, answer.line[9:12])
    rule = "who has begun takes as long as it likes"
    talk = server.connect()
    talk.send(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
    read_head(talk)
    for event in (b"data: 1\n\n", b"data: 2\n\n"):
        talk.require(read_chunk(talk) == event, f"a chunk with {event.decode().strip()}", rule)
    rule = "a WebSocket has no deadline"
    socket.send("still here")
    socket.talk.require(socket.receive() == "still here", "the echo", rule)
    for target, status in (("/", 200), ("/counter", 200), ("/nothing", 404), ("/fail/before", 500)):
        rule = "what is done in time is answered as before, and so is the lifespan"
        talk, answer = ask(server, target)
        talk.require(answer.status == status, str(status), rule, answer.line[9:12])


@exercise("6c", "who keeps the thread", "call() in python/bridge.py", options=SLEEPING)
def keep_the_thread(server):
    line = '"kept the thread for N ms" in the log'
    rule = "a step of an application that takes longer than half a second is said so in the log"
    talk, said = said_after(server, "/keep")
    later, said_later = said_after(server, "/later")
    if not said_later:
        raise Todo
    talk.require(len(said) == 1 and int(said[0]) >= 1000, line, rule)
    later.require(len(said_later) == 2, line, rule + ", also a step that is not the first")
    for target in ("/wait", "/thread"):
        talk, said = said_after(server, target)
        talk.require(len(said) == 2, "no line in the log", "who waits keeps nobody from running")


def said_after(server, target):
    """All that the log says of the thread after this answer, and after a further one, for a step
    goes on when its answer is out."""
    talk, _ = ask(server, target)
    ask(server, "/")
    return talk, re.findall(r"kept the thread for (\d+) ms", server.words())
