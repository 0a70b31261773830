"""The paths that the steps answer, as an ASGI application: so that other servers can be judged.

  uvicorn app:app --port 8000
"""

import asyncio
import time
from urllib.parse import parse_qs

PIECE = 64 * 1024


async def respond(send, status, content, *headers):
    if not any(name == b"content-type" for name, _ in headers):
        headers = [(b"content-type", b"text/plain"), *headers]
    headers = [*headers, (b"content-length", b"%d" % len(content))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def read_body(receive):
    """The pieces of the request's body; ends early where the client has gone."""
    more = True
    while more:
        event = await receive()
        if event["type"] != "http.request":
            return
        more = event.get("more_body", False)
        yield event.get("body", b"")


def given_first(event, receive):
    """A receive() that gives this event before all others."""
    events = [event]

    async def receive_next():
        return events.pop() if events else await receive()

    return receive_next


async def hello(scope, receive, send):
    if scope["method"] in ("GET", "HEAD"):
        await respond(send, 200, b"Hello, World!")
    else:
        await respond(send, 405, b"this path has GET and HEAD only\n", (b"allow", b"GET, HEAD"))


async def not_found(scope, receive, send):
    await respond(send, 404, b"there is nothing at this path\n")


async def reflect(scope, receive, send):
    target = scope.get("raw_path") or scope["path"].encode()
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    lines = [scope["method"].encode() + b" " + target + b" HTTP/" + scope["http_version"].encode()]
    lines += [name + b": " + value for name, value in scope["headers"]]
    await respond(send, 200, b"\n".join([*lines, b""]))


async def show_scope(scope, receive, send):
    def address(pair):
        return f"{pair[0]} {pair[1]}" if pair else "None"

    pairs = [("type", scope["type"]), ("asgi.version", scope["asgi"]["version"]),
             ("asgi.spec_version", scope["asgi"].get("spec_version", "2.0")),
             *((key, scope[key]) for key in ["http_version", "method", "scheme", "path"]),
             ("raw_path", (scope.get("raw_path") or b"").decode("latin-1")),
             ("query_string", scope["query_string"].decode("latin-1")),
             ("root_path", scope.get("root_path", "")),
             *(("headers " + name.decode("latin-1"), value.decode("latin-1"))
               for name, value in scope["headers"]),
             ("client", address(scope.get("client"))), ("server", address(scope.get("server"))),
             *(("state", key) for key in scope.get("state", {})),
             *(("extensions", name) for name in scope.get("extensions") or {})]
    text = "".join(f"{key}: {value}\n" for key, value in pairs)
    await respond(send, 200, text.encode(errors="surrogateescape"))


async def echo(scope, receive, send):
    content = b"".join([piece async for piece in read_body(receive)])
    content_type = dict(scope["headers"]).get(b"content-type", b"application/octet-stream")
    await respond(send, 200, content, (b"content-type", content_type))


async def upload(scope, receive, send):
    size = sum([len(piece) async for piece in read_body(receive)])
    await respond(send, 200, b"%d octets\n" % size)


async def late(scope, receive, send):
    await respond(send, 200, b"the body may come or not\n")


async def background(scope, receive, send):
    await respond(send, 200, b"the work goes on\n")
    await asyncio.sleep(2.5)


async def send_pieces(scope, send, with_length):
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("n", [""])[0]
    if not asked.isdigit():
        return await respond(send, 400, b"n is a number of octets\n")
    headers = [(b"content-type", b"application/octet-stream")]
    if with_length:
        headers.append((b"content-length", asked.encode()))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for at in range(0, int(asked), PIECE):
        piece = b"x" * min(PIECE, int(asked) - at)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body"})


async def big(scope, receive, send):
    await send_pieces(scope, send, True)


async def stream(scope, receive, send):
    await send_pieces(scope, send, False)


async def events(scope, receive, send):
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number in range(1, 6):
        body = b"data: %d\n\n" % number
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await asyncio.sleep(1)
    await send({"type": "http.response.body"})


async def counter(scope, receive, send):
    counts = scope["state"]["counter"]
    counts.append(None)
    await respond(send, 200, b"%d\n" % len(counts))


async def fail_before(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError("failing as asked, before the response")


async def fail_after(scope, receive, send):
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"this is not all\n", "more_body": True})
    raise RuntimeError("failing as asked, in the middle of the response")


async def ws_echo(scope, receive, send):
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        kind = "bytes" if event.get("text") is None else "text"
        await send({"type": "websocket.send", kind: event[kind]})


async def ws_subprotocol(scope, receive, send):
    chosen = next((name for name in ("v2.demo", "v1.demo") if name in scope["subprotocols"]), None)
    await send({"type": "websocket.accept", "subprotocol": chosen})
    await send({"type": "websocket.send", "text": chosen or "no subprotocol"})
    await send({"type": "websocket.close"})


async def ws_clock(scope, receive, send):
    await send({"type": "websocket.accept"})
    while True:
        await send({"type": "websocket.send", "text": str(int(time.time()))})
        await asyncio.sleep(1)


async def ws_deny(scope, receive, send):
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        return await send({"type": "websocket.close"})
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "websocket.http.response.start", "status": 401, "headers": headers})
    body = b"this WebSocket is for others\n"
    await send({"type": "websocket.http.response.body", "body": body})


async def ws_nowhere(scope, receive, send):
    await send({"type": "websocket.close"})


async def lifespan(scope, receive, send):
    await receive()
    scope.get("state", {})["counter"] = []
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


HTTP = {"/": hello, "/reflect": reflect, "/echo": echo, "/scope": show_scope, "/upload": upload,
        "/late": late, "/background": background, "/big": big, "/stream": stream,
        "/events": events, "/counter": counter, "/fail/before": fail_before, "/fail/after": fail_after}
WEBSOCKET = {"/ws/echo": ws_echo, "/ws/subprotocol": ws_subprotocol, "/ws/clock": ws_clock,
             "/ws/deny": ws_deny}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
    elif scope["type"] == "websocket":
        await receive()  # websocket.connect
        await WEBSOCKET.get(scope["path"], ws_nowhere)(scope, receive, send)
    else:
        names = {name for name, _ in scope["headers"]}
        if not names & {b"content-length", b"transfer-encoding"}:
            # hypercorn 0.13 closes where not even an empty body was asked for.
            receive = given_first(await receive(), receive)
        await HTTP.get(scope["path"], not_found)(scope, receive, send)
