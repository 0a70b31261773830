#!/usr/bin/env python3
"""WebSockets from outside, where it takes long, takes much, or is the chat's: what the rules of the
protocol say is judged by the checks, in tests/checks/rules/websocket_*.cpp.

usage: websocket_test.py PROGRAM [unittest's options]

AUTOBAHN.md says what stands for which group of the Autobahn test suite.
"""

import contextlib
import pathlib
import random
import signal
import socket
import struct
import sys
import time
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from program import Program as StepProgram  # noqa: E402

PROGRAM = sys.argv.pop(1)
PATIENCE = 10  # seconds for what must happen
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 section 1.3
MIB = 1024 * 1024
RANDOM = random.Random(6455)


def xor(data, key):
    """RFC 6455 section 5.3, as one number: a loop would take too long for 16 MiB."""
    whole = (key * (len(data) // 4 + 1))[:len(data)]
    number = int.from_bytes(data, "big") ^ int.from_bytes(whole, "big")
    return number.to_bytes(len(data), "big")


def header(opcode, length, fin=True, rsv=0, mask=b"\0\0\0\0"):
    """A client's frame header (RFC 6455 section 5.2)."""
    form = 0 if length < 126 else 2 if length < 65536 else 8
    short = {0: length, 2: 126, 8: 127}[form]
    extended = length.to_bytes(form, "big") if form else b""
    return bytes([fin << 7 | rsv << 4 | opcode, 0x80 | short]) + extended + mask


def frame(opcode, payload=b"", **how):
    """A client's frame."""
    mask = RANDOM.randbytes(4)
    return header(opcode, len(payload), mask=mask, **how) + xor(payload, mask)


def close(code=None, reason=b""):
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason)


def fragments(opcode, pieces):
    """A message in several frames."""
    last = len(pieces) - 1
    return b"".join(frame(opcode if i == 0 else CONTINUATION, piece, fin=i == last)
                    for i, piece in enumerate(pieces))


def handshake(path="/ws/echo", fields=()):
    lines = [f"GET {path} HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade",
             f"Sec-WebSocket-Key: {KEY}", "Sec-WebSocket-Version: 13", *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1")


class Program(StepProgram):
    patience = PATIENCE

    def __init__(self, *options):
        super().__init__(PROGRAM, *options)

    def connect(self, request=b""):
        client = super().connect()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(request)
        return client

    def memory(self, what="VmRSS"):
        """None: a sanitizer's count is of no use."""
        return None if super().memory("VmSize") > 1 << 30 else super().memory(what)


def read_head(file):
    """Reads the head of an answer. Returns its status."""
    status = int(file.readline().split()[1])
    while file.readline() != b"\r\n":
        pass
    return status


class Client:
    """An open WebSocket."""

    def __init__(self, program, path="/ws/echo", fields=()):
        self.socket = program.connect(handshake(path, fields))
        self.file = self.socket.makefile("rb")
        status = read_head(self.file)
        if status != 101:
            raise AssertionError(f"the handshake is answered with {status}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def send(self, octets):
        self.socket.sendall(octets)

    def reset(self):
        """Ends the connection at once and without a word."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.__exit__()

    def raw_frame(self):
        """The server's next frame: FIN and RSV bits, opcode, payload. None: it has ended."""
        start = self.file.read(2)
        if len(start) < 2:
            return None
        length, form = start[1], {126: 2, 127: 8}.get(start[1], 0)
        assert length < 128, "a server masks nothing"
        if form:
            length = int.from_bytes(self.file.read(form), "big")
            assert length >= (126 if form == 2 else 65536), "not the shortest length"
        return start[0] >> 4, start[0] & 15, self.file.read(length)

    def frame(self):
        """The next one, which has to be whole and plain: opcode and payload."""
        received = self.raw_frame()
        if received is None:
            return None
        assert received[0] == 8, "not FIN alone"
        return received[1:]

    def text(self):
        opcode, payload = self.frame()
        assert opcode == TEXT, (opcode, payload)
        return payload.decode()

    def to_end(self):
        return list(iter(self.frame, None))

    def silent(self, seconds):
        """Whether nothing comes for that long."""
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
            return False
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(PATIENCE)


OFFER = "Sec-WebSocket-Extensions: "
TAIL = b"\0\0\xff\xff"


class Compression:
    """The client's side of permessage-deflate (RFC 7692), with no parameter agreed on."""

    def __init__(self):
        self.deflater = zlib.compressobj(wbits=-15)
        self.inflater = zlib.decompressobj(-15)

    def deflate(self, message):
        octets = self.deflater.compress(message) + self.deflater.flush(zlib.Z_SYNC_FLUSH)
        return octets[:-4]

    def inflate(self, received):
        bits, opcode, payload = received
        assert bits == 12, "not FIN and RSV1"
        return opcode, self.inflater.decompress(payload + TAIL)


def close_frame(code=None):
    """What a Close with that code looks like; the reason is the server's own affair."""
    return CLOSE, b"" if code is None else struct.pack("!H", code)


def without_reason(frames):
    return [(opcode, payload[:2] if opcode == CLOSE else payload) for opcode, payload in frames]


class WebSocketTest(unittest.TestCase):
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.program = Program("--no-access-log", *cls.options)

    @classmethod
    def tearDownClass(cls):
        with cls.program:
            assert cls.program.process.poll() is None, cls.program.log()
            assert cls.program.stop() == 0, cls.program.log()
            assert cls.program.log() == "", cls.program.log()


class Limits(WebSocketTest):
    """Group 9, where it is too large for a check."""

    def test_sizes(self):
        for opcode in TEXT, BINARY:
            with self.subTest(opcode=opcode), Client(self.program) as client:
                payload = b"*" * (16 * MIB)
                client.send(frame(opcode, payload))
                self.assertTrue(client.frame() == (opcode, payload))

    def test_fragments(self):
        for size, piece in (MIB, 64), (16 * MIB, 65536), (16 * MIB, MIB):
            with self.subTest(piece=piece), Client(self.program) as client:
                payload = RANDOM.randbytes(size)
                client.send(fragments(BINARY, [payload[i:i + piece]
                                               for i in range(0, size, piece)]))
                self.assertTrue(client.frame() == (BINARY, payload))

    def test_too_large_in_fragments(self):
        with Client(self.program) as client:
            client.send(frame(BINARY, bytes(16 * MIB), fin=False) + header(CONTINUATION, 1))
            self.assertEqual(without_reason(client.to_end()), [close_frame(1009)])

    def test_bomb(self):
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
        zeros = bytes(MIB)
        bomb = b"".join(deflater.compress(zeros) for _ in range(64))
        bomb += deflater.flush(zlib.Z_SYNC_FLUSH)
        bomb = bomb[:65536]  # 64 MiB here, and the same again in each further 64 KiB of 1 GiB
        bomb = bomb if len(bomb) > 64000 else bomb + bytes(65536 - len(bomb))
        with Client(self.program, fields=[OFFER + "permessage-deflate"]) as client:
            client.send(frame(TEXT, bomb, rsv=4))
            self.assertEqual(without_reason(client.to_end()), [close_frame(1009)])
        peak = self.program.memory("VmHWM")
        self.assertTrue(peak is None or peak < 150 * MIB, peak)


class LimitOfAll(WebSocketTest):
    """What all hold together, beyond 64 KiB each, is 1 MiB: one message of that size."""
    options = "--ws-max-memory", str(MIB)

    def begin(self, path="/ws/echo", fin=False):
        """Sends a message that inflates to 1 MiB. Returns what comes back for a ping behind it."""
        client = Client(self.program, path, [OFFER + "permessage-deflate"])
        self.addCleanup(client.__exit__)
        compression = Compression()
        packed = compression.deflate(bytes(MIB))
        client.send(frame(BINARY, packed, rsv=4, fin=fin) + frame(PING, b"?"))
        return client, compression

    def refuses(self, path="/ws/echo"):
        with Client(self.program, path) as plain:
            plain.send(header(BINARY, MIB))
            self.assertEqual(without_reason(plain.to_end()), [close_frame(1009)])
        client, _ = self.begin()
        self.assertEqual(without_reason(client.to_end()), [close_frame(1009)])

    def takes(self):
        client, compression = self.begin(fin=True)
        received = [client.raw_frame(), client.raw_frame()]
        received.remove((8, PONG, b"?"))
        self.assertTrue(compression.inflate(received[0]) == (BINARY, bytes(MIB)))

    def test_messages_that_are_not_finished(self):
        self.takes()
        first, compression = self.begin()
        self.assertEqual(first.frame(), (PONG, b"?"))
        self.refuses()
        with Client(self.program) as small:  # which has room in any case
            small.send(frame(BINARY, bytes(65536)))
            self.assertTrue(small.frame() == (BINARY, bytes(65536)))
        first.send(frame(CONTINUATION))
        self.assertTrue(compression.inflate(first.raw_frame()) == (BINARY, bytes(MIB)))
        self.takes()

    def test_messages_that_nobody_receives(self):
        first, _ = self.begin("/ws/clock", fin=True)
        while first.frame() != (PONG, b"?"):
            pass
        self.refuses()


class Chat(WebSocketTest):
    """What an application hears, as the chat tells it."""

    def enter(self, name, fields=()):
        client = Client(self.program, "/ws/chat?name=" + name, fields)
        self.addCleanup(client.__exit__)
        return client

    def until(self, client, start):
        """The next text that begins so, whatever is shown before it."""
        while not (text := client.text()).startswith(start):
            pass
        return text

    def test_scope_and_events(self):
        client = self.enter("a%20b", ["X: y", "X: z"])
        texts = [client.text() for _ in range(6)]
        self.assertIn("\nx: y\nx: z", texts[0])
        for line in ("scope\ttype: websocket", "http_version: 1.1", "scheme: ws", "path: /ws/chat",
                     "raw_path: /ws/chat", "query_string: name=a%20b", "root_path: ",
                     "asgi.version: 3.0", "extensions: websocket.http.response"):
            self.assertIn(line, texts[1].split("\n"))
        self.assertEqual(texts[2], "event\treceive\twebsocket.connect")
        self.assertEqual(texts[3], "event\tsend\twebsocket.accept")
        self.assertEqual(texts[4], "who\ta b")

    def test_talk(self):
        one, two = self.enter("one"), self.enter("two")
        self.assertIn("\ttwo", self.until(two, "who"))
        one.send(frame(TEXT, "grüße".encode()))
        self.assertEqual(self.until(two, "chat"), "chat\tone\tgrüße")
        self.assertEqual(self.until(one, "chat"), "chat\tone\tgrüße")

    def test_a_long_name_is_cut_between_two_characters(self):
        for asked, shown in ((32 * "n", 32 * "n"), (33 * "m", 32 * "m"),
                             (31 * "k" + "%C3%BC", 31 * "k")):
            with self.subTest(asked):
                client = self.enter(asked)
                self.assertIn(shown, self.until(client, "who").split("\t"))
                client.__exit__()

    def test_a_name_is_trimmed(self):
        for asked, shown in (("%20%09Eve%0A", "Eve"), ("%20%0D", "somebody"), ("a%20%20b", "a  b")):
            with self.subTest(asked):
                client = self.enter(asked)
                self.assertIn(shown, self.until(client, "who").split("\t"))
                client.__exit__()

    def test_names_are_distinct(self):
        self.enter("kim")
        second, third = self.enter("kim"), self.enter("%20kim")
        while (names := self.until(third, "who").split("\t"))[1:] != ["kim", "kim (2)", "kim (3)"]:
            pass
        second.send(frame(TEXT, b"hi"))
        self.assertEqual(self.until(third, "chat"), "chat\tkim (2)\thi")
        second.send(close(1000))
        while "kim (2)" in (names := self.until(third, "who").split("\t")):
            pass
        fourth = self.enter("kim")
        while (names := self.until(third, "who").split("\t"))[1:] != ["kim", "kim (3)", "kim (2)"]:
            pass
        fourth.send(frame(TEXT, b"hi"))
        self.assertEqual(self.until(third, "chat"), "chat\tkim (2)\thi")

    def test_a_text_that_is_too_long_is_not_passed_on(self):
        client = self.enter("writer")
        for text in (4096 * b"a", 4097 * b"b", b"end"):
            client.send(frame(TEXT, text))
        for text in (4096 * "a", "end"):
            self.assertEqual(self.until(client, "chat"), "chat\twriter\t" + text)

    def test_whoever_leaves_is_gone(self):
        watcher = self.enter("watcher")
        self.until(watcher, "who")
        leave = {
            "close": lambda client: client.send(close(1001, b"bye")),
            "FIN": lambda client: client.socket.shutdown(socket.SHUT_WR),
            "reset": Client.reset,
            "failure": lambda client: client.send(frame(3)),
            "message and close": lambda client: client.send(frame(TEXT, b"bye") + close()),
            "message and reset": lambda client: (client.send(frame(TEXT, b"bye")), client.reset()),
        }
        for name, go in leave.items():
            with self.subTest(name):
                leaver = self.enter("leaver")
                self.assertIn("\tleaver", self.until(watcher, "who"))
                go(leaver)
                self.assertNotIn("\tleaver", self.until(watcher, "who"))

    def test_other_octets_in_a_header(self):
        client = self.enter("x", ["Cookie: caf\xe9"])
        self.assertTrue(client.text().startswith("request\t"))

    def test_one_who_does_not_read(self):
        stuck = self.enter("stuck")
        talker = self.enter("talker")
        before = self.program.memory()
        for _ in range(400):
            talker.send(frame(TEXT, b"x" * 4000))
            self.until(talker, "chat")
        after = self.program.memory()
        self.assertTrue(after is None or after - before < 16 * MIB, (before, after))
        stuck.reset()

    def test_crowd_that_does_not_read(self):
        """Each who comes is told to all, with all names: what waits must not be their square."""
        before = self.program.memory()
        crowd = [self.program.connect(handshake("/ws/chat?name=" + 32 * "n")) for _ in range(300)]
        watcher = self.enter("watcher")
        while self.until(watcher, "who").count("\t") < 301:  # not all had come before the watcher
            pass
        after = self.program.memory()
        self.assertTrue(after is None or after - before < 64 * MIB, (before, after))
        for member in crowd:
            member.close()
        while self.until(watcher, "who").count("\t") > 1:  # the other tests find an empty room
            pass

    def test_crowd_that_reads(self):
        """The names of all go to all, but not for each who comes: that would be their cube."""
        begun = time.monotonic()
        crowd = [self.enter(32 * "n") for _ in range(200)]
        names = 0
        for member in crowd:
            while (count := self.until(member, "who").count("\t")) < len(crowd):
                names += count
        told = time.monotonic() - begun
        self.assertLess(names, 100000 * told + len(crowd) ** 2)  # 10 us for each of them
        for member in crowd[1:]:
            member.__exit__()
        while self.until(crowd[0], "who").count("\t") > 1:  # the other tests find an empty room
            pass


class Endurance(WebSocketTest):
    def settles(self, count, path):
        """Waits until the server has that many descriptors at the most."""
        end = time.monotonic() + PATIENCE
        while self.program.descriptors() > count and time.monotonic() < end:
            time.sleep(0.05)
        self.assertLessEqual(self.program.descriptors(), count, path)

    def test_abrupt_ends(self):
        before = self.program.descriptors()
        ends = [b"", frame(TEXT, b"Hello"), frame(TEXT, b"Hello")[:7], frame(PING) * 20, close(),
                frame(TEXT, b"x", fin=False), frame(3), frame(BINARY, bytes(200000))]
        paths = "/ws/echo", "/ws/chat", "/ws/clock", "/ws/subprotocol", "/ws/deny", "/ws/nothing"
        linger = struct.pack("ii", 1, 0)
        for path in paths:
            for i in range(100):
                client = self.program.connect(handshake(path) + ends[i % len(ends)])
                if i % 2:
                    client.recv(100)
                if i % 3:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                client.close()
            self.settles(before, path)

    def test_client_that_never_reads(self):
        with Client(self.program) as client:
            before = self.program.memory()
            client.socket.settimeout(0.5)
            message = frame(BINARY, bytes(60000))
            with self.assertRaises(TimeoutError):
                for _ in range(2000):
                    client.send(message)
            after = self.program.memory()
            self.assertTrue(after is None or after - before < 4 * MIB, (before, after))

    def test_pings_while_the_application_sends(self):
        with Client(self.program, "/ws/clock") as client:
            client.send(b"".join(frame(PING, b"%d" % i) for i in range(1000)) + close(1000))
            frames = client.to_end()
            pongs = [payload for opcode, payload in frames if opcode == PONG]
            self.assertEqual(pongs, [b"%d" % i for i in range(1000)])
            self.assertEqual(frames[-1], close_frame(1000))


class Time(unittest.TestCase):
    """What the server does by itself, each with a program of its own."""

    def test_ping_and_its_timeout(self):
        with Program("--ws-ping-interval", "1", "--ws-ping-timeout", "1") as program:
            with Client(program) as alive, Client(program) as dead:
                for _ in range(2):
                    opcode, payload = alive.frame()
                    self.assertEqual(opcode, PING)
                    alive.send(frame(PONG, payload))
                self.assertEqual(dead.to_end(), [(PING, b"")])
                alive.send(frame(TEXT, b"Hello"))
                self.assertIn((TEXT, b"Hello"), [alive.frame(), alive.frame()])

    def test_client_that_takes_long_is_not_silent(self):
        """A message that takes longer than the interval: a ping could be answered only behind it."""
        with Program("--ws-ping-interval", "1") as program, Client(program) as client:
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            client.send(frame(BINARY, bytes(16 * MIB)))
            received = 0
            while received < 16 * MIB:
                piece = client.file.read1(262144)
                self.assertTrue(piece, f"the end after {received} octets")
                received += len(piece)
                time.sleep(0.02)  # three seconds in all

    def test_no_pings(self):
        with Program("--ws-ping-interval", "0") as program, Client(program) as client:
            self.assertTrue(client.silent(1.5))

    def test_shutdown(self):
        with Program("--no-access-log") as program, contextlib.ExitStack() as stack:
            paths = "/ws/echo", "/ws/chat", "/ws/clock"
            clients = [stack.enter_context(Client(program, path)) for path in paths]
            clients += [stack.enter_context(Client(program)) for _ in range(3)]
            clients[3].send(frame(TEXT, b"unfinished", fin=False))
            clients[4].send(header(TEXT, 20) + b"unfinished")
            clients[5].send(frame(PING))
            clients[5].frame()
            time.sleep(0.2)
            program.process.send_signal(signal.SIGTERM)
            for client in clients:
                while (received := client.frame())[0] != CLOSE:
                    pass
                self.assertEqual(without_reason([received]), [close_frame(1012)])
                client.send(b"payload to" if client is clients[4] else b"")
                client.send(close(1012))
                self.assertEqual(client.to_end(), [])
                client.__exit__()
            self.assertEqual(program.process.wait(PATIENCE), 0)

    def test_shutdown_while_messages_wait(self):
        with Program("--no-access-log") as program, Client(program, "/ws/clock") as client:
            client.send(frame(TEXT, b"nobody listens") * 100)
            time.sleep(0.2)
            program.process.send_signal(signal.SIGTERM)
            while (received := client.frame())[0] != CLOSE:
                pass
            self.assertEqual(without_reason([received]), [close_frame(1012)])
            client.send(close(1012))
            self.assertEqual(client.to_end(), [])
            client.__exit__()
            self.assertEqual(program.process.wait(PATIENCE), 0)

    def test_second_signal_while_clients_talk(self):
        """Two coroutines of each WebSocket are then in the middle of something."""
        with Program("--no-access-log") as program, contextlib.ExitStack() as stack:
            clients = [stack.enter_context(Client(program, "/ws/clock")) for _ in range(20)]
            for client in clients:
                client.socket.settimeout(0.1)
                with contextlib.suppress(TimeoutError):  # more than the server takes at once
                    client.send(frame(TEXT, b"nobody listens") * 200000)
                client.socket.settimeout(PATIENCE)
            program.process.send_signal(signal.SIGTERM)
            while clients[0].frame()[0] != CLOSE:
                pass
            program.process.send_signal(signal.SIGTERM)
            self.assertEqual(program.process.wait(PATIENCE), 0, program.log())
            self.assertEqual(program.log(), "")

    def test_client_that_does_not_answer_close(self):
        with Program("--no-access-log") as program, Client(program) as client:
            program.process.send_signal(signal.SIGTERM)
            started = time.monotonic()
            self.assertEqual(without_reason(client.to_end()), [close_frame(1012)])
            client.__exit__()
            self.assertEqual(program.process.wait(PATIENCE), 0)
            self.assertLess(time.monotonic() - started, 9)

    def ping_to_the_end(self, client):
        """Pings without a pause, until the connection has ended. Returns how long it took."""
        started = time.monotonic()
        pings = frame(PING) * 1000
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - started < 3 * PATIENCE:
                client.send(pings)
        return time.monotonic() - started

    def test_client_that_goes_on_after_our_close(self):
        """A read that has completed cannot be cancelled, and this client has always sent more."""
        with Program() as program, Client(program, "/ws/subprotocol") as client:
            self.assertEqual(client.text(), "no subprotocol")
            self.assertEqual(without_reason([client.frame()]), [close_frame(1000)])
            seconds = self.ping_to_the_end(client)
            self.assertGreater(seconds, 4)
            self.assertLess(seconds, 9)

    def test_shutdown_while_a_client_pings_without_a_pause(self):
        with Program("--no-access-log") as program, Client(program) as client:
            program.process.send_signal(signal.SIGTERM)
            self.assertEqual(without_reason([client.frame()]), [close_frame(1012)])
            self.assertLess(self.ping_to_the_end(client), 9)
            self.assertEqual(program.process.wait(PATIENCE), 0)


if __name__ == "__main__":
    unittest.main()
