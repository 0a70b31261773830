"""The exercises of step 04: applications."""

import os
import pathlib
import re
import shlex
import subprocess
import tempfile

from conversation import Server, Todo, Wrong
from exercise import break_seen_by_checks, exercise, exercise_of_sources
from http_answer import ask, read_answer, read_chunk, read_head
from sanitizer import explain

ROUTING = pathlib.Path(__file__).with_name("routing")

break_seen_by_checks(
    "4a",
    "an application that listens once",
    "echo() in demo/http.cpp",
    "reads a body of several chunks",
    kept="says the length of the answer",
)


@exercise("4b", "a middleware that measures", "request_id() in demo/request_id.cpp")
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


@exercise("4c", "a countdown", "events() in demo/http.cpp")
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


@exercise_of_sources("4d", "a view that outlives its text", "last() in demo/http.cpp")
def last_visitor(subject):
    with Server(subject.command) as server:
        if ask(server, "/last")[1].status == 404:
            raise Todo
    with Server(f"{shlex.quote(str(subject.build()))} --port {{port}}") as server:
        try:
            visit(server)
            visit_on_one_connection(server)
        except Wrong as wrong:
            wrong.report = explain(server.words_at_end(), subject.sources)
            raise


def visit(server):
    rule = "a scope shows what lives until the application returns: what is kept longer is copied"
    for name, before in (("ann", b"nobody"), ("bob", b"ann"), ("cid", b"bob")):
        talk, answer = ask(server, f"/last?name={name}", fields="Connection: close\r\n")
        wanted = b"before you: %s\n" % before
        talk.require(answer.body == wanted, f'"{wanted.decode().strip()}"', rule, answer.body)
        talk.at_end()  # then all that belongs to this connection is gone


def visit_on_one_connection(server):
    rule = "the next request on a connection stands where the last one has stood: copy what you keep"
    talk = server.connect()
    for name, before in (("dan", b"cid"), ("eve", b"dan")):
        talk.send(f"GET /last?name={name} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        body = read_answer(talk).body
        wanted = b"before you: %s\n" % before
        talk.require(body == wanted, f'"{wanted.decode().strip()}"', rule, body)


@exercise_of_sources("4e", "five hundred routes", "Router in demo/router.hpp")
def routes(subject):
    folder = subject.sources / "src"
    if not (folder / "demo/router.hpp").exists():
        raise Todo
    with tempfile.TemporaryDirectory() as scratch:
        program = pathlib.Path(scratch, "judge")
        compile_router(folder, program)
        done = subprocess.run([program], stdout=subprocess.PIPE, text=True)
    if done.returncode == 0:
        return done.stdout.rstrip()
    if done.returncode == 1:
        asked, found, right = done.stdout.splitlines()
        said = [["asked for", asked.encode()], ["it found", found.encode()], ["", ""]]
        raise Wrong(said, right, "what regular expressions find, tried in order, it finds, too")
    if done.returncode == 2:
        said = [["it measured", done.stdout.splitlines()[-1].strip().encode()], ["", ""]]
        raise Wrong(said, "eight times at least",
                    "what a router does depends on the path, and not on how many routes there are")
    said = [["your router", f"has ended with signal {-done.returncode}".encode()], ["", ""]]
    raise Wrong(said, "an answer", "any path has an answer: 200, 404 or 405")


def compile_router(folder, program):
    sources = [ROUTING / "judge.cpp", *folder.glob("demo/router.cpp")]
    compiler = shlex.split(os.environ.get("CXX", "c++"))
    words = [*compiler, "-std=c++20", "-O2", "-I", folder, "-I", ROUTING, *sources, "-o", program]
    done = subprocess.run(words, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if "error" in line] or ["it failed"]
        raise Wrong([["the compiler", errors[0].encode()], ["", ""]], "no error",
                    "Router and Found have the members that the chapter names")
