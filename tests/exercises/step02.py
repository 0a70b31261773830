"""The exercises of step 02: one request, read strictly."""

from conversation import Todo
from exercise import break_seen_by_checks, exercise
from http_answer import ask, read_answer

break_seen_by_checks(
    "2a",
    "an answer to HEAD with content",
    "append_response() in session.cpp",
    "answers HEAD as GET without content",
    kept="says the length of the answer",
)


@exercise("2b", "a page that has moved", "respond() in session.cpp")
def moved(server):
    for method in ("GET", "HEAD"):
        rule = "a page that has moved for good is answered with 301, and Location says where to"
        talk, answer = ask(server, "/old", method)
        if answer.status == 404:
            raise Todo
        talk.require(answer.status == 301, "301", rule, b" " + answer.line[9:12])
        talk.require(answer.all("location") == [b"/"], "one field location: /", rule, b"\r\n\r\n")
        reason = "the phrase of 301 is Moved Permanently (RFC 9110 section 15.4.2)"
        phrase = answer.line[13:]
        talk.require(phrase == b"Moved Permanently", '"Moved Permanently"', reason, phrase)
    talk, answer = ask(server, "/")
    rule = "only a redirection has Location here, and the other pages stay as they are"
    talk.require(answer.status == 200 and not answer.all("location"), "no location", rule)


@exercise("2c", "two types for one content", "parse_request() in http/request.cpp")
def content_types(server):
    rule = "Content-Type has one value: a request that has two of them is refused with 400"
    two = "Content-Type: text/plain\r\nContent-Type: text/html\r\n"
    talk, answer = ask(server, "/reflect", fields=two)
    if answer.status == 200:
        raise Todo
    talk.require(answer.status == 400, "400", rule, b" " + answer.line[9:12])
    talk, answer = ask(server, "/reflect", fields=two.replace("Content-Type", "content-TYPE", 1))
    rule = "the name of a field is the same in capitals and in small letters"
    talk.require(answer.status == 400, "400", rule, b" " + answer.line[9:12])
    talk, answer = ask(server, "/reflect", fields="Content-Type: text/plain\r\n")
    talk.require(answer.status == 200, "200: one is right", rule, b" " + answer.line[9:12])
    talk, answer = ask(server, "/reflect", fields="X-Content-Type: a\r\nContent-Type: b\r\n")
    talk.require(answer.status == 200, "200: X-Content-Type is another field", rule)
    rule = "a request that comes byte by byte is refused as one that comes at once"
    talk = server.connect()
    for byte in f"GET / HTTP/1.1\r\nHost: x\r\n{two}\r\n".encode():
        talk.socket.sendall(bytes([byte]))
    answer = read_answer(talk)
    talk.require(answer.status == 400, "400", rule, b" " + answer.line[9:12])
