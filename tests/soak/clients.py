"""The clients of the soak: good, bad, slow, half-open, resetting, pipelining and WebSocket ones.

Each is a coroutine that holds one conversation on one connection, and knows how it has to go.
"""

import asyncio
import contextlib
import socket
import struct
import zlib

PATIENCE = 20  # seconds for whatever the server does
HOST = "Host: x\r\n"
CONTINUATION, TEXT, CLOSE, PING, PONG = 0, 1, 8, 9, 10
STOPPING = struct.pack("!H", 1012)  # the code with which a server that stops closes WebSockets


class Wrong(Exception):
    """The server has not done what it must."""


class Gone(Exception):
    """The connection has ended before the first octet of an answer, as when the server stops."""


def check(holds, what):
    if not holds:
        raise Wrong(what)


class Connection:
    """A socket, and what came from it and was not yet read."""

    def __init__(self, sock):
        self.socket = sock
        self.input = bytearray()
        self.ended = False

    async def send(self, data):
        """What the server does not want any more is no fault: its answer tells."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            await asyncio.get_running_loop().sock_sendall(self.socket, data)

    async def fill(self):
        """Reads some. Throws Gone at the end."""
        loop = asyncio.get_running_loop()
        try:
            data = await asyncio.wait_for(loop.sock_recv(self.socket, 65536), PATIENCE)
        except ConnectionResetError:
            data = b""
        except asyncio.TimeoutError:
            raise Wrong("the server does nothing") from None
        self.ended = not data
        if self.ended:
            raise Gone
        self.input += data

    async def take(self, size):
        while len(self.input) < size:
            await self.fill()
        data = bytes(self.input[:size])
        del self.input[:size]
        return data

    async def take_to(self, mark):
        while mark not in self.input:
            await self.fill()
        return await self.take(self.input.index(mark) + len(mark))

    async def expect_end(self):
        """Nothing more comes but the end."""
        with contextlib.suppress(Gone):
            await self.fill()
        check(self.ended, f"instead of the end came {bytes(self.input[:80])!r}")

    def reset(self):
        """Ends it with a reset, not in order."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Answer:
    def __init__(self, head):
        line, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        check(line.startswith("HTTP/1.1 "), f"no status line: {line!r}")
        self.status = int(line[9:12])
        self.fields = dict(field.lower().split(": ", 1) for field in lines)
        self.body = b""


async def read_answer(connection):
    """Reads one answer, whole. Throws Gone if nothing of it came, Wrong if it was cut off."""
    if not connection.input:
        await connection.fill()
    try:
        answer = Answer(await connection.take_to(b"\r\n\r\n"))
        if "content-length" in answer.fields:
            answer.body = await connection.take(int(answer.fields["content-length"]))
        elif answer.fields.get("transfer-encoding") == "chunked":
            answer.body = await read_chunks(connection)
    except Gone:
        raise Wrong("an answer was cut off") from None
    return answer


async def read_chunks(connection):
    body = b""
    while size := int(await connection.take_to(b"\r\n"), 16):
        body += (await connection.take(size + 2))[:-2]
    check(await connection.take(2) == b"\r\n", "no end of the chunks")
    return body


async def expect_answer(connection, status, body=None):
    answer = await read_answer(connection)
    check(answer.status == status, f"{answer.status} instead of {status}: {answer.body[:80]!r}")
    check(body is None or answer.body == body, f"another body: {answer.body[:80]!r}")
    return answer


def get(target):
    return f"GET {target} HTTP/1.1\r\n{HOST}\r\n".encode()


def post(target, *fields):
    lines = "".join(field + "\r\n" for field in fields)
    return f"POST {target} HTTP/1.1\r\n{HOST}{lines}\r\n".encode()


# ---- Those that keep the rules ----

async def good(connection, random):
    for _ in range(random.randrange(1, 10)):
        await connection.send(get("/"))
        answer = await expect_answer(connection, 200, b"Hello, World!")
        if answer.fields.get("connection") == "close":
            return


async def pipelining(connection, random):
    bodies = [b"%d" % random.randrange(10**9) for _ in range(20)]
    await connection.send(b"".join(
        post("/echo", f"Content-Length: {len(body)}") + body for body in bodies))
    for body in bodies:
        answer = await expect_answer(connection, 200, body)
        if answer.fields.get("connection") == "close":
            return


async def chunked(connection, random):
    body = random.randbytes(random.randrange(1, 100000))
    await connection.send(post("/echo", "Transfer-Encoding: chunked", "Connection: close"))
    for at in range(0, len(body), 30000):
        piece = body[at : at + 30000]
        await connection.send(b"%x;a=b\r\n%s\r\n" % (len(piece), piece))
    await connection.send(b"0\r\nTrailer: x\r\n\r\n")
    await expect_answer(connection, 200, body)
    await connection.expect_end()


async def half_closing(connection, _):
    await connection.send(get("/"))
    connection.socket.shutdown(socket.SHUT_WR)
    await expect_answer(connection, 200, b"Hello, World!")
    await connection.expect_end()


# ---- Slow ones ----

async def slow_head(connection, random):
    for octet in get("/"):
        await connection.send(bytes([octet]))
        await asyncio.sleep(random.random() / 50)
    await expect_answer(connection, 200, b"Hello, World!")


async def slow_body(connection, random):
    await connection.send(post("/upload", "Expect: 100-continue", "Content-Length: 50"))
    await expect_answer(connection, 100)
    for _ in range(50):
        await connection.send(b"x")
        await asyncio.sleep(random.random() / 25)
    await expect_answer(connection, 200, b"50 octets\n")


async def slow_reader(connection, random):
    size = 200000
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    await connection.send(get(f"/stream?n={size}"))
    await connection.fill()
    await asyncio.sleep(random.random() * 2)
    await expect_answer(connection, 200, b"x" * size)


# ---- Those that leave a thing half done; the server's deadlines end these ----

async def silent(connection, _):
    await connection.expect_end()


async def half_a_head(connection, _):
    await connection.send(b"GET / HTTP/1.1\r\nHo")
    await expect_answer(connection, 408)
    await connection.expect_end()


async def half_a_body(connection, _):
    await connection.send(post("/upload", "Content-Length: 50") + b"not all")
    await expect_answer(connection, 408)
    await connection.expect_end()


# ---- Bad ones, and those that break off ----

REFUSED = (
    (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    (400, b"GET / HTTP/1.1\nHost: x\n\n"),
    (400, b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"),
    (400, post("/echo", "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n"),
    (400, post("/echo", "Transfer-Encoding: chunked") + b"5\r\nhellooo"),
    (413, post("/upload", "Content-Length: 999999999")),
    (414, b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n\r\n"),
    (431, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 101 + b"\r\n"),
    (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    (500, get("/fail/before")),
)


async def bad(connection, random):
    status, request = random.choice(REFUSED)
    await connection.send(request)
    await expect_answer(connection, status)
    await connection.expect_end()


async def resetting(connection, random):
    begin = random.choice((get("/stream?n=1000000000"), get("/big?n=1000000000"), get("/events"),
                           post("/upload", "Content-Length: 1000000") + bytes(10000)))
    await connection.send(begin)
    await asyncio.sleep(random.random() / 5)
    if random.randrange(2):
        connection.reset()


# ---- WebSocket ----

def frame(opcode, payload=b"", first=0x80):
    """A client's frame. Its key is 0, which leaves the payload as it is (RFC 6455 section 5.3)."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes([first | opcode]) + length + bytes(4) + payload


async def open_websocket(connection, *fields):
    lines = "".join(field + "\r\n" for field in fields)
    await connection.send(
        f"GET /ws/echo HTTP/1.1\r\n{HOST}{lines}Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    return await expect_answer(connection, 101)


async def read_frame(connection):
    """Returns the first octet and the payload of the next frame that is no ping."""
    while True:
        first, size = await connection.take(2)
        if size == 126:
            size = int.from_bytes(await connection.take(2), "big")
        payload = await connection.take(size)
        if first & 15 != PING:
            return first, payload
        await connection.send(frame(PONG, payload))


async def expect_frame(connection, opcode, payload):
    """That frame; or the Close of a server that stops, which is thrown as Gone."""
    try:
        got = await read_frame(connection)
    except Gone:
        raise Wrong("a WebSocket ended without a Close") from None
    if got == (0x80 | CLOSE, STOPPING):
        raise Gone
    check(got == (0x80 | opcode, payload), f"another frame: {got[0]:#x} {got[1][:80]!r}")


async def websocket(connection, random):
    await open_websocket(connection)
    for _ in range(random.randrange(1, 10)):
        text = b"%d " % random.randrange(10**9) * random.randrange(1, 1000)
        await connection.send(
            frame(TEXT, text[:100], first=0) + frame(PING, b"?") + frame(CONTINUATION, text[100:]))
        await expect_frame(connection, PONG, b"?")
        await expect_frame(connection, TEXT, text)
    await connection.send(frame(CLOSE, b"\x03\xe8"))
    await expect_frame(connection, CLOSE, b"\x03\xe8")
    await connection.expect_end()


async def compressing(connection, _):
    await open_websocket(connection, "Sec-WebSocket-Extensions: permessage-deflate")
    deflate, inflate = zlib.compressobj(wbits=-15), zlib.decompressobj(wbits=-15)
    text = b"again and again " * 1000
    for _ in range(3):
        payload = deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH)
        await connection.send(frame(TEXT, payload[:-4], first=0xc0))
        first, payload = await read_frame(connection)
        if payload == STOPPING:
            raise Gone
        check(first == 0xc1, f"another frame: {first:#x} {payload!r}")
        check(inflate.decompress(payload + b"\0\0\xff\xff") == text, "another text")


async def bad_websocket(connection, random):
    code, data = random.choice((
        (1002, b"\x81\x00"),  # not masked
        (1002, frame(3)),
        (1007, frame(TEXT, b"\xff")),
        (1009, b"\x82\xff" + (1 << 40).to_bytes(8, "big") + bytes(4)),
    ))
    await open_websocket(connection)
    await connection.send(data)
    first, payload = await read_frame(connection)
    codes = (struct.pack("!H", code), STOPPING)
    check(first == 0x80 | CLOSE and payload[:2] in codes, f"no Close {code}: {payload!r}")


async def silent_websocket(connection, _):
    """Answers no ping: the server gives it up."""
    await open_websocket(connection)
    with contextlib.suppress(Gone):
        while True:
            await connection.fill()


async def resetting_websocket(connection, random):
    await open_websocket(connection)
    await connection.send(frame(TEXT, bytes(random.randrange(1, 2000)))[:-1])
    connection.reset()


KINDS = (good, good, good, pipelining, chunked, half_closing, slow_head, slow_body, slow_reader,
         silent, half_a_head, half_a_body, bad, bad, resetting, resetting, websocket, websocket,
         compressing, bad_websocket, silent_websocket, resetting_websocket)


async def converse(kind, port, random):
    """Holds one conversation. Throws ConnectionRefusedError where nobody listens any more."""
    with socket.socket() as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
        try:
            await kind(Connection(sock), random)
        except Wrong as fault:
            raise Wrong(f"{kind.__name__}: {fault}") from fault
