"""Reads the answers of HTTP, just as far as the exercises need it."""

import dataclasses


@dataclasses.dataclass
class Answer:
    line: bytes
    fields: list
    body: bytes

    @property
    def status(self):
        words = self.line.split()
        return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0

    def all(self, name):
        """The values of all fields of that name, which is in lower case."""
        return [value for key, value in self.fields if key == name]

    def field(self, name):
        return (self.all(name) or [None])[0]


def read_head(talk):
    """The status line and the fields of the next answer."""
    lines = talk.take_until(b"\r\n\r\n").rstrip(b"\r\n").split(b"\r\n")
    pairs = [line.partition(b":") for line in lines[1:]]
    return lines[0], [(key.decode("latin-1").lower(), value.strip()) for key, _, value in pairs]


def to_number(digits, base=10):
    """The number, or 0 for what is none: that it is wrong shows in what is read then."""
    try:
        return int(digits or b"0", base)
    except ValueError:
        return 0


def read_chunk(talk):
    """The next chunk's data; empty at the end."""
    size = to_number(talk.take_until(b"\r\n").split(b";")[0], 16)
    return talk.take(size + 2)[:-2]


def read_answer(talk, head_only=False):
    """The next answer, with its body if it has one."""
    answer = Answer(*read_head(talk), b"")
    if answer.field("transfer-encoding") == b"chunked" and not head_only:
        chunk = read_chunk(talk)
        while chunk:
            answer.body += chunk
            chunk = read_chunk(talk)
    elif not head_only:
        answer.body = talk.take(to_number(answer.field("content-length")))
    return answer


def ask(server, target, method="GET", fields="", body=b""):
    """One request on a connection of its own; returns the conversation and the answer."""
    talk = server.connect()
    head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n{fields}\r\n"
    talk.send(head.encode() + body)
    return talk, read_answer(talk, method == "HEAD")
