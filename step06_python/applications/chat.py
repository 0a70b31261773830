"""The chat of the demo page, and the middleware that shows its client what the server sees."""

import asyncio
import itertools
from urllib.parse import parse_qs

MOST_WAITING = 256  # messages: who is further behind has to leave
LONGEST_NAME = 32
LONGEST_TEXT = 4096
REST_FOR_A_NAME = 10e-6  # seconds, of those who are there, to one of them


class Member:
    """One who is there. What is said to them waits in their outbox, so that one slow reader does
    not keep the others waiting."""

    def __init__(self, name):
        self.name = name
        self.outbox = asyncio.Queue(MOST_WAITING)
        self.names = None  # of all who are there: who is behind needs the newest only

    def tell(self, text):
        try:
            self.outbox.put_nowait(text)
        except asyncio.QueueFull:
            self.outbox = None  # write() notices

    def tell_who(self, names):
        if self.names is None and self.outbox and not self.outbox.full():
            self.outbox.put_nowait(None)  # wakes write()
        self.names = names

    async def write(self, send):
        while self.outbox:
            text = await self.outbox.get()
            if self.names is not None:
                names, self.names = self.names, None
                await send({"type": "websocket.send", "text": names})
            if text is not None:
                await send({"type": "websocket.send", "text": text})
        await send({"type": "websocket.close", "code": 1008, "reason": "too slow"})


class Room:
    """All who are there."""

    def __init__(self):
        self.members = []
        self.changed = False
        self.telling = None

    def distinct(self, name):
        """`name`, or what tells its bearer from those who have it already."""
        names = {member.name for member in self.members}
        others = (f"{name} ({number})" for number in itertools.count(2))
        return next(one for one in itertools.chain([name], others) if one not in names)

    def tell(self, text):
        for member in self.members:
            if member.outbox:
                member.tell(text)

    def change(self):
        self.changed = True
        if not self.telling:
            self.telling = asyncio.create_task(self.tell_changes())

    async def tell_changes(self):
        """As many names as members go to each of them: a crowd that enters would cost its cube. So a
        list is followed by a rest that is as long as the list is costly."""
        while self.changed:
            self.changed = False
            names = "\t".join(["who", *(member.name for member in self.members)])
            for member in self.members:
                member.tell_who(names)
            await asyncio.sleep(len(self.members) ** 2 * REST_FOR_A_NAME)
        self.telling = None


room = Room()


def name_in(query):
    name = parse_qs(query.decode("latin-1"), encoding="utf-8", errors="replace").get("name", [""])[0]
    name = name.encode()[:LONGEST_NAME].decode(errors="ignore")
    return "".join(c if c >= " " else " " for c in name).strip(" ") or "somebody"


async def hear(member, receive):
    while (event := await receive())["type"] == "websocket.receive":
        text = event.get("text")
        if text is not None and len(text.encode()) <= LONGEST_TEXT:
            room.tell(f"chat\t{member.name}\t{text}")


async def chat(scope, receive, send):
    await send({"type": "websocket.accept"})
    member = Member(room.distinct(name_in(scope["query_string"])))
    room.members.append(member)
    room.change()
    writing = asyncio.create_task(member.write(send))
    try:
        await hear(member, receive)
    finally:
        room.members.remove(member)
        room.change()
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)


def show_scope(scope):
    lines = ["scope\ttype: websocket", f"asgi.version: {scope['asgi']['version']}",
             f"asgi.spec_version: {scope['asgi']['spec_version']}"]
    lines += [f"{key}: {scope[key]}" for key in ("http_version", "scheme", "path")]
    lines += [f"{key}: {scope[key].decode('latin-1')}" for key in ("raw_path", "query_string")]
    lines.append(f"root_path: {scope['root_path']}")
    lines += [f"{key}: {scope[key][0]} {scope[key][1]}" for key in ("client", "server") if scope[key]]
    lines += [f"{key}: {name}" for key in ("subprotocols", "state", "extensions")
              for name in scope[key]]
    return "\n".join(lines)


def show_request(scope):
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    first = b"request\tGET %s%s HTTP/%s" % (scope["raw_path"], query, scope["http_version"].encode())
    lines = [first, *(name + b": " + value for name, value in scope["headers"])]
    return b"\n".join(lines).decode(errors="replace")


def show(event):
    """A message in one line."""
    if event.get("text") is not None:
        return f"{event['type']} text: {event['text']}"
    return f"{event['type']} bytes: {len(event['bytes'])}"


def show_events(app):
    """A middleware: shows the events of a WebSocket to its client, between its messages."""
    async def watched(scope, receive, send):
        async def tell(text):
            await send({"type": "websocket.send", "text": text})

        async def shown_receive():
            event = await receive()
            if event["type"] == "websocket.receive":
                await tell("event\treceive\t" + show(event))
            return event

        async def shown_send(event):
            await send(event)
            if event["type"] == "websocket.send":
                await tell("event\tsend\t" + show(event))
            elif event["type"] == "websocket.accept":
                await tell(show_request(scope))
                await tell(show_scope(scope))
                await tell("event\treceive\twebsocket.connect")
                await tell("event\tsend\twebsocket.accept")

        await app(scope, shown_receive, shown_send)
    return watched
