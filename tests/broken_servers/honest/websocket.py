"""Step 05, as far as frames go: a WebSocket at /ws/echo."""

import base64
import hashlib
import struct

from honest.session import Session

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Failed(Exception):
    """A frame that ends the connection: the close code, and the rule that was broken."""

    def __init__(self, code, rule):
        super().__init__(rule)
        self.code = code


class Ended(Exception):
    """The Close of the client has been answered, or it has gone without one."""


class WebSocket(Session):
    """Each rule is a method here as well. Any path upgrades."""

    async def answer(self, request):
        if b"websocket" not in request.words(b"upgrade"):
            return await super().answer(request)
        key = request.find_all(b"sec-websocket-key")[0]
        await self.connection.send(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n"
                                   b"connection: upgrade\r\nsec-websocket-accept: "
                                   + self.accept_key(key) + b"\r\n\r\n")
        await self.talk()
        return False

    def accept_key(self, key):
        return base64.b64encode(hashlib.sha1(key + GUID).digest())

    async def talk(self):
        self.opcode, self.message = None, bytearray()  # of the message that has begun
        self.output = bytearray()
        try:
            while True:
                await self.read_frame()
        except Failed as failed:
            await self.send_frame(CLOSE, struct.pack("!H", failed.code) + str(failed).encode())
        except Ended:
            pass
        await self.flush()

    async def read_frame(self):
        first, second = await self.take(2)
        fin, opcode, length = first >> 7, first & 15, second & 127
        self.check_header(fin, first >> 4 & 7, opcode, length)
        self.check_masked(second >> 7)
        if length > 125:
            length = self.parse_long(await self.take(2 if length == 126 else 8))
        key = await self.take(4) if second >> 7 else bytes(4)
        payload = self.unmask(key, await self.take(length))
        if opcode >= CLOSE:
            await self.answer_control(opcode, payload)
        else:
            await self.receive_fragment(fin, opcode, payload)

    async def take(self, size):
        connection = self.connection
        while len(connection.input) < size:
            await self.flush()  # before waiting for the client, send everything that is owed
            if not await connection.fill():
                raise Ended
        data = bytes(connection.input[:size])
        del connection.input[:size]
        return data

    def check_header(self, fin, reserved, opcode, length):
        if reserved:
            raise Failed(1002, "RSV1 to RSV3 are 0")
        if opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise Failed(1002, "this opcode means nothing")
        if opcode >= CLOSE and (not fin or length > 125):
            raise Failed(1002, "a control frame has 125 octets at most, and is one frame")

    def check_masked(self, masked):
        if not masked:
            raise Failed(1002, "a client masks its frames")

    def parse_long(self, octets):
        length = int.from_bytes(octets, "big")
        if length < (126 if len(octets) == 2 else 1 << 16) or length >> 63:
            raise Failed(1002, "a length is written in the shortest form")
        return length

    def unmask(self, key, payload):
        whole = key * (len(payload) // 4 + 1)
        number = int.from_bytes(payload, "big") ^ int.from_bytes(whole[: len(payload)], "big")
        return number.to_bytes(len(payload), "big")

    async def answer_control(self, opcode, payload):
        if opcode == PING:
            await self.send_frame(PONG, payload)
        if opcode == CLOSE:
            await self.send_frame(CLOSE, payload[:2])
            raise Ended

    async def receive_fragment(self, fin, opcode, payload):
        if (opcode == CONTINUATION) != (self.opcode is not None):
            raise Failed(1002, "a message is ended before the next one begins")
        self.opcode = self.opcode or opcode
        self.message += payload
        if fin:
            await self.echo(self.opcode, bytes(self.message))
            self.opcode, self.message = None, bytearray()

    async def echo(self, opcode, message):
        await self.send_frame(opcode, message)

    async def send_frame(self, opcode, payload):
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | opcode, 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 127, size)
        self.output += head + payload

    async def flush(self):
        await self.connection.send(bytes(self.output))
        self.output.clear()
