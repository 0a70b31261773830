"""The demo once more, as a Python developer writes it: an application for each path, and nothing
but what ASGI says. Beside the one in C++ it is a translation, name by name.

  ./workshop run 6 demo:app
"""

import asyncio
import functools
import itertools
import time
from pathlib import Path
from urllib.parse import parse_qs

from chat import chat, show_events

PIECE = 64 * 1024
PAGE = next(Path(__file__).resolve().parents[1].glob("src/**/page.html")).read_bytes()


# ---- what they share ----

def start(status, *headers):
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(content=b"", more_body=False):
    return {"type": "http.response.body", "body": content, "more_body": more_body}


async def send_text(send, status, text, *headers):
    await send(start(status, (b"content-type", b"text/plain"), *headers))
    await send(body(text if isinstance(text, bytes) else text.encode()))


async def body_of(receive):
    """The pieces of the request's body. Ends early where the client has gone: nobody waits then."""
    more_body = True
    while more_body:
        event = await receive()
        if event["type"] != "http.request":
            raise asyncio.CancelledError
        more_body = event["more_body"]
        yield event["body"]


def header(scope, name, default=b""):
    return next((value for found, value in scope["headers"] if found == name), default)


# ---- the applications ----

async def hello(scope, receive, send):
    """GET /"""
    if scope["method"] not in ("GET", "HEAD"):
        text = "this path has GET and HEAD only\n"
        return await send_text(send, 405, text, (b"allow", b"GET, HEAD"))
    vary = (b"vary", b"accept")  # what is chosen by Accept says so to caches
    if header(scope, b"accept").startswith(b"text/html"):
        await send(start(200, (b"content-type", b"text/html; charset=utf-8"), vary))
        return await send(body(PAGE))
    await send_text(send, 200, "Hello, World!", vary)


async def not_found(scope, receive, send):
    await send_text(send, 404, "there is nothing at this path\n")


async def reflect(scope, receive, send):
    """/reflect: the request as it was understood, a line for each of its parts."""
    target = scope["raw_path"]
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    lines = [b"%s %s HTTP/%s" % (scope["method"].encode(), target, scope["http_version"].encode())]
    lines += [name + b": " + value for name, value in scope["headers"]]
    await send_text(send, 200, b"".join(line + b"\n" for line in lines))


def show_address(address):
    return " ".join(map(str, address)) if address else "None"


async def show_scope(scope, receive, send):
    """/scope: what the application is told of a request, key by key."""
    lines = [("type", "http"), ("asgi.version", scope["asgi"]["version"]),
             ("asgi.spec_version", scope["asgi"]["spec_version"])]
    lines += [(key, scope[key]) for key in ("http_version", "method", "scheme", "path")]
    lines += [(key, scope[key].decode("latin-1")) for key in ("raw_path", "query_string")]
    lines.append(("root_path", scope["root_path"]))
    lines += [("headers " + name.decode(), value.decode("latin-1"))
              for name, value in scope["headers"]]
    lines += [(key, show_address(scope[key])) for key in ("client", "server")]
    lines += [(key, name) for key in ("state", "extensions") for name in scope[key]]
    await send_text(send, 200, "".join(f"{key}: {value}\n" for key, value in lines))


async def echo(scope, receive, send):
    """/echo: the body, once all of it is there."""
    content = b"".join([piece async for piece in body_of(receive)])
    kind = header(scope, b"content-type", b"application/octet-stream")
    await send(start(200, (b"content-type", kind)))
    await send(body(content))


async def upload(scope, receive, send):
    """/upload: counts the octets of a body of any size, and holds one piece of it at a time."""
    size = 0
    async for piece in body_of(receive):
        size += len(piece)
    await send_text(send, 200, f"{size} octets\n")


async def late(scope, receive, send):
    """/late: answers without a look at the body."""
    await send_text(send, 200, "the body may come or not\n")


async def send_pieces(scope, receive, send, with_length):
    """send() waits while the client reads too slowly: one piece is held, however large the body is.
    Nothing waits for a client of HEAD, which gets no body: one piece stands for all."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("n", [""])[0]
    if not asked.isascii() or not asked.isdigit() or int(asked) >= 2**64:
        return await send_text(send, 400, "n is a number of octets\n")
    headers = [(b"content-type", b"application/octet-stream")]
    if with_length:
        headers.append((b"content-length", b"%d" % int(asked)))
    await send(start(200, *headers))
    left = min(int(asked), PIECE) if scope["method"] == "HEAD" else int(asked)
    while left > 0:
        piece = min(left, PIECE)
        await send(body(b"x" * piece, more_body=True))
        left -= piece
    await send(body())


async def events(scope, receive, send):
    """/events: server-sent events, one every second, five in all."""
    await send(start(200, (b"content-type", b"text/event-stream")))
    for number in range(1, 6):
        await send(body(b"data: %d\n\n" % number, more_body=True))
        await asyncio.sleep(1)
    await send(body())


async def background(scope, receive, send):
    """/background: answers, and works on for two seconds and a half."""
    await send_text(send, 200, "the work goes on\n")
    await asyncio.sleep(2.5)


async def counter(scope, receive, send):
    """/counter: how often it was asked, in what lifespan() has put into the state."""
    await send_text(send, 200, f"{next(scope['state']['counter'])}\n")


async def fail_before(scope, receive, send):
    """/fail/before: fails before its response has begun."""
    await send(start(200))
    raise RuntimeError("failing as asked, before the response")


async def fail_after(scope, receive, send):
    """/fail/after: fails in the middle of it."""
    await send(start(200, (b"content-type", b"text/plain")))
    await send(body(b"this is not all\n", more_body=True))
    raise RuntimeError("failing as asked, in the middle of the response")


# ---- WebSockets; each has been told websocket.connect already ----

async def ws_echo(scope, receive, send):
    """/ws/echo: each message comes back as it is."""
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({**event, "type": "websocket.send"})


async def ws_subprotocol(scope, receive, send):
    """/ws/subprotocol: chooses what it likes best of what the client offers, and says so."""
    chosen = next((name for name in ("v2.demo", "v1.demo") if name in scope["subprotocols"]), None)
    await send({"type": "websocket.accept", "subprotocol": chosen})
    await send({"type": "websocket.send", "text": chosen or "no subprotocol"})
    await send({"type": "websocket.close"})


async def ws_clock(scope, receive, send):
    """/ws/clock: sends the time once a second, and never looks at what the client says."""
    await send({"type": "websocket.accept"})
    while True:
        await send({"type": "websocket.send", "text": str(int(time.time()))})
        await asyncio.sleep(1)


async def ws_deny(scope, receive, send):
    """/ws/deny: a response of one's own instead of a WebSocket."""
    for event in (start(401, (b"content-type", b"text/plain")),
                  body(b"this WebSocket is for others\n")):
        await send({**event, "type": "websocket." + event["type"]})


async def ws_nowhere(scope, receive, send):
    """Any other path: denied with the server's own 403."""
    await send({"type": "websocket.close"})


# ---- and what calls them ----

async def lifespan(scope, receive, send):
    """A counter that all requests share."""
    await receive()
    scope["state"]["counter"] = itertools.count(1)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


HTTP = {
    "/": hello, "/reflect": reflect, "/echo": echo, "/scope": show_scope, "/upload": upload,
    "/late": late, "/big": functools.partial(send_pieces, with_length=True),
    "/stream": functools.partial(send_pieces, with_length=False), "/events": events,
    "/background": background, "/counter": counter, "/fail/before": fail_before, "/fail/after": fail_after,
}
WEBSOCKET = {
    "/ws/echo": ws_echo, "/ws/subprotocol": ws_subprotocol, "/ws/clock": ws_clock,
    "/ws/deny": ws_deny, "/ws/chat": show_events(chat),
}


def local_path(scope):
    """The path below root_path, where this application is mounted; "*" is not below it."""
    return scope["path"].removeprefix(scope["root_path"])


async def dispatch(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await WEBSOCKET.get(local_path(scope), ws_nowhere)(scope, receive, send)
    else:
        await HTTP.get(local_path(scope), not_found)(scope, receive, send)


def request_id(app):
    """A middleware: whoever sends an x-request-id finds it in the answer."""
    async def marking(scope, receive, send):
        found = header(scope, b"x-request-id", None) if scope["type"] == "http" else None

        async def mark(event):
            if event["type"] == "http.response.start":
                event = {**event, "headers": [*event["headers"], (b"x-request-id", found)]}
            await send(event)

        await app(scope, receive, send if found is None else mark)
    return marking


app = request_id(dispatch)
