#!/usr/bin/env python3
"""WebSockets from outside: a program that is spoken to frame by frame, octet by octet.

usage: websocket_test.py PROGRAM [unittest's options]

AUTOBAHN.md says which test stands for which group of the Autobahn test suite.
"""

import base64
import contextlib
import hashlib
import itertools
import os
import pathlib
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

PROGRAM = sys.argv.pop(1)
PATIENCE = 10  # seconds for what must happen
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 section 1.3, with what answers it
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
MIB = 1024 * 1024
RANDOM = random.Random(6455)


def xor(data, key):
    """RFC 6455 section 5.3, as one number: a loop would take too long for 16 MiB."""
    whole = (key * (len(data) // 4 + 1))[:len(data)]
    number = int.from_bytes(data, "big") ^ int.from_bytes(whole, "big")
    return number.to_bytes(len(data), "big")


def header(opcode, length, fin=True, rsv=0, form=None, mask=b"\0\0\0\0"):
    """A client's frame header; `form` is the octets of an extended length (RFC 6455 section 5.2)."""
    if form is None:
        form = 0 if length < 126 else 2 if length < 65536 else 8
    short = {0: length, 2: 126, 8: 127}[form]
    extended = length.to_bytes(form, "big") if form else b""
    masked = 0x80 if mask else 0
    return bytes([fin << 7 | rsv << 4 | opcode, masked | short]) + extended + mask


def frame(opcode, payload=b"", **how):
    """A client's frame, masked unless mask=b"" is given."""
    mask = how.pop("mask", None)
    mask = RANDOM.randbytes(4) if mask is None else mask
    body = xor(payload, mask) if mask else payload
    return header(opcode, len(payload), mask=mask, **how) + body


def close(code=None, reason=b""):
    return frame(CLOSE, b"" if code is None else struct.pack("!H", code) + reason)


def fragments(opcode, pieces, between=b""):
    """A message in several frames, with `between` before each but the first."""
    last = len(pieces) - 1
    return between.join(frame(opcode if i == 0 else CONTINUATION, piece, fin=i == last)
                        for i, piece in enumerate(pieces))


def handshake(path="/ws/echo", fields=(), key=KEY, version="13"):
    lines = [f"GET {path} HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade",
             f"Sec-WebSocket-Key: {key}", f"Sec-WebSocket-Version: {version}", *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1")


class Program:
    """The program, from its ready line to its exit."""

    def __init__(self, *options):
        self.errors = tempfile.TemporaryFile()
        self.process = guarded.Popen(
            [PROGRAM, "--port", "0", *options],
            stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()

    def stop(self):
        """Ends it. Returns its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def log(self):
        return guarded.contents(self.errors)

    def connect(self, request=b""):
        client = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(request)
        return client

    def exchange(self, request):
        """Returns status, headers and body of the answer that ends with the connection."""
        with self.connect(request) as client, client.makefile("rb") as file:
            return *read_head(file), file.read()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self, what="VmRSS"):
        """In octets, as the system counts it; None: a sanitizer's count is of no use."""
        with open(f"/proc/{self.process.pid}/status") as status:
            sizes = {line.split(":")[0]: line.split()[1] for line in status if " kB" in line}
        return None if int(sizes["VmSize"]) > 1 << 30 else 1024 * int(sizes[what])


def read_head(file):
    """Returns status and headers, names in lower case."""
    status = int(file.readline().split()[1])
    headers = {}
    while (line := file.readline().decode("latin-1").rstrip("\r\n")):
        name, value = line.split(":", 1)
        headers[name.lower()] = value.strip()
    return status, headers


class Client:
    """An open WebSocket. `behind` is sent in one segment with the handshake."""

    def __init__(self, program, path="/ws/echo", fields=(), behind=b""):
        self.socket = program.connect(handshake(path, fields) + behind)
        self.file = self.socket.makefile("rb")
        self.status, self.headers = read_head(self.file)
        if self.status != 101:
            raise AssertionError(f"the handshake is answered with {self.status}")

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

    def converse(self, octets, *expected, path="/ws/echo"):
        """Sends what ends a WebSocket, whole and octet by octet; the frames that come are these."""
        for pieces in [octets], [octets[i:i + 1] for i in range(len(octets))]:
            with self.subTest(pieces=len(pieces)), Client(self.program, path) as client:
                for piece in pieces:
                    with contextlib.suppress(ConnectionError):  # the server may be ahead of us
                        client.send(piece)
                self.assertEqual(without_reason(client.to_end()), list(expected))


class Framing(WebSocketTest):
    """Groups 1 to 5."""

    def test_lengths(self):
        for opcode in TEXT, BINARY:
            for length in 0, 1, 7, 8, 9, 125, 126, 127, 128, 65535, 65536:
                payload = (b"*" if opcode == TEXT else b"\xfe") * length
                with self.subTest(opcode=opcode, length=length), Client(self.program) as client:
                    client.send(frame(opcode, payload))
                    self.assertEqual(client.frame(), (opcode, payload))

    def test_lengths_octet_by_octet(self):
        for length in 0, 125, 126, 300:
            payload = b"*" * length
            self.converse(frame(TEXT, payload) + close(1000), (TEXT, payload), close_frame(1000))

    def test_length_in_pieces_of_997(self):
        octets, payload = b"", RANDOM.randbytes(65536)
        with Client(self.program) as client:
            octets = frame(BINARY, payload)
            for i in range(0, len(octets), 997):
                client.send(octets[i:i + 997])
            self.assertEqual(client.frame(), (BINARY, payload))

    def test_mask(self):
        for mask in b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x80\0\x01\x7f":
            self.converse(frame(TEXT, b"Hello", mask=mask) + close(), (TEXT, b"Hello"),
                          close_frame())

    def test_length_not_minimal(self):
        for length, form in (0, 2), (125, 2), (0, 8), (126, 8), (65535, 8), (1 << 63, 8):
            self.converse(header(BINARY, length, form=form), close_frame(1002))

    def test_not_masked(self):
        for octets in frame(TEXT, b"Hello", mask=b""), frame(PING, mask=b""):
            self.converse(octets, close_frame(1002))

    def test_ping(self):
        for payload in b"", b"Hello", b"\0\xff\xfe\xfd\xfc\xfb\0\xff", b"\xfe" * 125:
            self.converse(frame(PING, payload) + close(1000), (PONG, payload), close_frame(1000))

    def test_pings_in_order(self):
        pings = [b"%d" % i for i in range(10)]
        self.converse(b"".join(frame(PING, ping) for ping in pings) + close(),
                      *((PONG, ping) for ping in pings), close_frame())

    def test_ping_too_long(self):
        self.converse(header(PING, 126), close_frame(1002))

    def test_unsolicited_pong(self):
        self.converse(frame(PONG) + frame(PONG, b"x" * 125) + frame(PING, b"?") + close(),
                      (PONG, b"?"), close_frame())

    def test_control_in_fragments(self):
        for opcode in CLOSE, PING, PONG:
            self.converse(frame(opcode, b"x", fin=False), close_frame(1002))

    def test_reserved_bits(self):
        for rsv in range(1, 8):
            for opcode in TEXT, BINARY, PING, PONG, CLOSE:
                with self.subTest(rsv=rsv, opcode=opcode):
                    self.converse(frame(opcode, rsv=rsv), close_frame(1002))

    def test_reserved_opcodes(self):
        for opcode in 3, 4, 5, 6, 7, 11, 12, 13, 14, 15:
            for payload in b"", b"x":
                self.converse(frame(opcode, payload), close_frame(1002))

    def test_message_before_failure_is_echoed(self):
        for bad in frame(TEXT, rsv=4), frame(3), frame(11, b"x"), frame(CONTINUATION, b"x"):
            self.converse(frame(TEXT, b"Hello") + bad + frame(PING), (TEXT, b"Hello"),
                          close_frame(1002))

    def test_fragments(self):
        for pieces in [b"a", b"b"], [b"", b"", b""], [b"", b"middle", b""], [b"x"] * 20:
            for opcode in TEXT, BINARY:
                self.converse(fragments(opcode, pieces) + close(), (opcode, b"".join(pieces)),
                              close_frame())

    def test_control_between_fragments(self):
        self.converse(fragments(TEXT, [b"frag", b"ment", b"ed"], frame(PING, b"?")) + close(),
                      (PONG, b"?"), (PONG, b"?"), (TEXT, b"fragmented"), close_frame())
        self.converse(fragments(TEXT, [b"a", b"b"], frame(PONG, b"!")) + close(), (TEXT, b"ab"),
                      close_frame())
        self.converse(frame(TEXT, b"a", fin=False) + close(1000), close_frame(1000))

    def test_continuation_of_nothing(self):
        for fin in True, False:
            self.converse(frame(CONTINUATION, b"x", fin=fin), close_frame(1002))
        self.converse(fragments(TEXT, [b"a", b"b"]) + frame(CONTINUATION, b"c"), (TEXT, b"ab"),
                      close_frame(1002))

    def test_message_within_message(self):
        for opcode in TEXT, BINARY:
            self.converse(frame(TEXT, b"a", fin=False) + frame(opcode, b"b"), close_frame(1002))


GOOD_UTF8 = ("κόσμε", "Hello-µ@ßöäüàá-UTF-8!!", "\0", "\x7f", "\x80", "\u07ff", "\u0800",
             "\ud7ff", "\ue000", "\ufffd", "\ufffe", "\uffff", "\U00010000", "\U0010ffff")
BAD_UTF8 = (b"\x80", b"\xbf", b"\xc0\xaf", b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf",
            b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8",
            b"\xfc", b"\xfe", b"\xff", b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80")
CUT_UTF8 = b"\xc2", b"\xe0\xa0", b"\xf0\x90\x80", b"Hello \xe1\xbd"


class Utf8(WebSocketTest):
    """Group 6."""

    def test_good_in_each_fragmentation(self):
        for text in GOOD_UTF8:
            octets = text.encode()
            each_octet = [octets[i:i + 1] for i in range(len(octets))]
            self.converse(frame(TEXT, octets) + fragments(TEXT, each_octet) + close(),
                          (TEXT, octets), (TEXT, octets), close_frame())

    def test_bad(self):
        for octets in BAD_UTF8:
            self.converse(frame(TEXT, octets), close_frame(1007))
            self.converse(fragments(TEXT, [b"", *octets[:-1].split(), octets[-1:]]),
                          close_frame(1007))

    def test_cut_off(self):
        for octets in CUT_UTF8:
            self.converse(frame(TEXT, octets), close_frame(1007))
            self.converse(fragments(TEXT, [octets, b""]), close_frame(1007))
            self.converse(fragments(TEXT, [octets, b" "]), close_frame(1007))

    def test_failing_before_the_message_ends(self):
        for octets in BAD_UTF8:
            self.converse(frame(TEXT, b"good", fin=False) + frame(CONTINUATION, octets, fin=False),
                          close_frame(1007))

    def test_failing_before_the_frame_ends(self):
        for octets in BAD_UTF8:
            for start in b"", b"good " * 20:
                payload = start + octets
                unfinished = header(TEXT, len(payload) + 1000, mask=b"mask")
                self.converse(unfinished + xor(payload, b"mask"), close_frame(1007))

    def test_binary_is_anything(self):
        for octets in *BAD_UTF8, *CUT_UTF8:
            self.converse(frame(BINARY, octets) + close(), (BINARY, octets), close_frame())


class Closing(WebSocketTest):
    """Group 7."""

    def test_after_a_message(self):
        self.converse(frame(TEXT, b"Hello") + close(1000), (TEXT, b"Hello"), close_frame(1000))

    def test_nothing_is_heard_after_it(self):
        for behind in close(1000), frame(PING), frame(TEXT, b"late"), b"\xff" * 50:
            self.converse(close(1000, b"first") + behind, close_frame(1000))

    def test_large_message_before_it(self):
        payload = b"x" * (256 * 1024)
        with Client(self.program) as client:
            client.send(frame(TEXT, payload) + close(1000))
            self.assertEqual(client.to_end(), [(TEXT, payload), close_frame(1000)])

    def test_reason_is_echoed(self):
        for reason in b"", b"going", "größer".encode(), b"*" * 123:
            with Client(self.program) as client:
                client.send(close(1000, reason))
                self.assertEqual(client.to_end(), [(CLOSE, b"\x03\xe8" + reason)])

    def test_empty(self):
        self.converse(close(), close_frame())

    def test_good_codes(self):
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000,
                     3999, 4000, 4999):
            self.converse(close(code), close_frame(code))

    def test_bad_codes(self):
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
            self.converse(close(code), close_frame(1002))
            self.converse(close(code, b"reason"), close_frame(1002))

    def test_bad_payload(self):
        self.converse(frame(CLOSE, b"\x03"), close_frame(1002))
        self.converse(header(CLOSE, 126), close_frame(1002))
        for reason in *BAD_UTF8, *CUT_UTF8:
            self.converse(close(1000, reason), close_frame(1007))

    def test_server_closes_first(self):
        with Client(self.program, "/ws/subprotocol") as client:
            self.assertEqual(client.text(), "no subprotocol")
            self.assertEqual(client.frame(), close_frame(1000))
            client.send(frame(TEXT, b"late") + frame(PING, b"late"))
            self.assertTrue(client.silent(0.2))
            client.send(close(1000))
            self.assertEqual(client.to_end(), [])

    def test_close_from_both_sides_at_once(self):
        with Client(self.program, "/ws/subprotocol", behind=close(1001)) as client:
            self.assertIn(client.to_end()[-1], [close_frame(1000), close_frame(1001)])


class Limits(WebSocketTest):
    """Group 9."""

    def test_sizes(self):
        for opcode, size in (TEXT, 65536), (BINARY, MIB), (TEXT, 16 * MIB), (BINARY, 16 * MIB):
            with self.subTest(size=size), Client(self.program) as client:
                payload = bytes(size) if opcode == BINARY else b"*" * size
                client.send(frame(opcode, payload))
                self.assertTrue(client.frame() == (opcode, payload))

    def test_fragments(self):
        for size, piece in (MIB, 64), (MIB, 1024), (4 * MIB, 65536), (16 * MIB, MIB):
            with self.subTest(piece=piece), Client(self.program) as client:
                payload = RANDOM.randbytes(size)
                client.send(fragments(BINARY, [payload[i:i + piece]
                                               for i in range(0, size, piece)]))
                self.assertTrue(client.frame() == (BINARY, payload))

    def test_pieces(self):
        for piece in 64, 1024:
            with self.subTest(piece=piece), Client(self.program) as client:
                octets = frame(TEXT, b"*" * MIB)
                for i in range(0, len(octets), piece):
                    client.send(octets[i:i + piece])
                self.assertEqual(len(client.text()), MIB)

    def test_too_large_is_told_from_the_header(self):
        for size in 16 * MIB + 1, 1 << 40, (1 << 63) - 1:
            self.converse(header(BINARY, size), close_frame(1009))

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


class SmallLimit(WebSocketTest):
    """The same with a limit that is easier to reach."""
    options = "--ws-max-size", "10"

    def test_messages(self):
        self.converse(frame(TEXT, b"*" * 10) + frame(BINARY, b"*" * 10) + close(),
                      (TEXT, b"*" * 10), (BINARY, b"*" * 10), close_frame())
        self.converse(header(TEXT, 11), close_frame(1009))

    def test_fragments(self):
        self.converse(fragments(TEXT, [b"12345", b"67890", b""]) + close(), (TEXT, b"1234567890"),
                      close_frame())
        self.converse(frame(TEXT, b"12345", fin=False) + header(CONTINUATION, 6),
                      close_frame(1009))

    def test_control_frames_do_not_count(self):
        self.converse(frame(PING, b"*" * 125) + close(), (PONG, b"*" * 125), close_frame())

    def test_compressed(self):
        for size in 10, 11:
            with Client(self.program, fields=[OFFER + "permessage-deflate"]) as client:
                client.send(frame(TEXT, Compression().deflate(b"*" * size), rsv=4) + close())
                expected = [(TEXT, b"*" * 10), close_frame()] if size == 10 else [close_frame(1009)]
                self.assertEqual(without_reason(client.to_end()), expected)


OFFER = "Sec-WebSocket-Extensions: "
TAIL = b"\0\0\xff\xff"


class Compression:
    """The client's side of permessage-deflate (RFC 7692), with what was agreed on."""

    def __init__(self, agreed=""):
        words = agreed.replace(" ", "").split(";")
        values = dict(word.split("=") for word in words if "=" in word)
        self.in_bits = -int(values.get("server_max_window_bits", 15))
        self.out_bits = -int(values.get("client_max_window_bits", 15))
        self.forget_in = "server_no_context_takeover" in words
        self.forget_out = "client_no_context_takeover" in words
        self.begin(True, True)

    def begin(self, deflater, inflater):
        if deflater:
            self.deflater = zlib.compressobj(6, zlib.DEFLATED, self.out_bits)
        if inflater:
            self.inflater = zlib.decompressobj(self.in_bits)

    def deflate(self, message):
        octets = self.deflater.compress(message) + self.deflater.flush(zlib.Z_SYNC_FLUSH)
        self.begin(self.forget_out, False)
        return octets[:-4]

    def inflate(self, received):
        bits, opcode, payload = received
        if bits == 8:
            return opcode, payload
        assert bits == 12, "neither FIN alone nor FIN and RSV1"
        message = self.inflater.decompress(payload + TAIL)
        self.begin(False, self.forget_in)
        return opcode, message


NEGOTIATION = [
    ("permessage-deflate", "permessage-deflate"),
    ("permessage-deflate; server_no_context_takeover",
     "permessage-deflate; server_no_context_takeover"),
    ("permessage-deflate; client_max_window_bits", "permessage-deflate"),
    ("permessage-deflate; client_max_window_bits=10",
     "permessage-deflate; client_max_window_bits=10"),
    ("permessage-deflate; server_max_window_bits=10",
     "permessage-deflate; server_max_window_bits=10"),
    ('permessage-deflate; server_max_window_bits="10"',
     "permessage-deflate; server_max_window_bits=10"),
    ("permessage-deflate; server_max_window_bits=15",
     "permessage-deflate; server_max_window_bits=15"),
    ("permessage-deflate; server_max_window_bits=8", None),
    ("permessage-deflate; server_max_window_bits=16", None),
    ("permessage-deflate; server_max_window_bits=09", None),
    ("permessage-deflate; server_max_window_bits", None),
    ("permessage-deflate; server_no_context_takeover=1", None),
    ("permessage-deflate; client_max_window_bits=7", None),
    ("permessage-deflate; client_max_window_bits=", None),
    ("permessage-deflate; client_max_window_bits; client_max_window_bits", None),
    ("permessage-deflate; colour=green", None),
    ("permessage-deflate; colour=green, permessage-deflate", "permessage-deflate"),
    ("x-webkit-deflate-frame", None),
    ("x, permessage-deflate; server_max_window_bits=8, permessage-deflate", "permessage-deflate"),
]
SIZES = 0, 1, 16, 64, 126, 256, 1024, 4096, 32768, 65536, 131072


def message_of(size):
    """Something like text: words that come again, each time in another order."""
    words = [b"{", b'"name": ', b"null, ", b"1234, ", b"WebSocket ", "größer ".encode(), b"}\n"]
    text = b"".join(RANDOM.choices(words, k=size // 2 + 1))[:size]
    return text.decode(errors="ignore").encode()


class Deflate(WebSocketTest):
    """Groups 12 and 13."""

    def test_negotiation(self):
        for offer, answer in NEGOTIATION:
            with self.subTest(offer=offer):
                with Client(self.program, fields=[OFFER + offer]) as client:
                    self.assertEqual(client.headers.get("sec-websocket-extensions"), answer)

    def test_offers_in_several_fields(self):
        with Client(self.program, fields=[OFFER + "x", OFFER + "permessage-deflate"]) as client:
            self.assertEqual(client.headers["sec-websocket-extensions"], "permessage-deflate")

    def echo(self, offer, messages, fragment=None):
        with Client(self.program, fields=[OFFER + offer]) as client:
            compression = Compression(client.headers["sec-websocket-extensions"])
            for message in messages:
                payload = compression.deflate(message)
                step = fragment or len(payload)
                pieces = [payload[i:i + step] for i in range(0, len(payload), step)]
                last = len(pieces) - 1
                for i, piece in enumerate(pieces):
                    client.send(frame(CONTINUATION if i else TEXT, piece, fin=i == last,
                                      rsv=0 if i else 4))
                self.assertTrue(compression.inflate(client.raw_frame()) == (TEXT, message))
            client.send(close(1000))
            self.assertEqual(client.to_end(), [close_frame(1000)])

    def test_parameters(self):
        messages = [message_of(size) for size in SIZES]
        values = itertools.product(
            ["", "; server_no_context_takeover"], ["", "; client_no_context_takeover"],
            ["", "; server_max_window_bits=9", "; server_max_window_bits=15"],
            ["", "; client_max_window_bits=9", "; client_max_window_bits"])
        for parameters in values:
            with self.subTest(parameters=parameters):
                self.echo("permessage-deflate" + "".join(parameters), messages)

    def test_many_messages(self):
        self.echo("permessage-deflate", [message_of(RANDOM.randrange(2000)) for _ in range(1000)])

    def test_fragments(self):
        for fragment in 1, 7, 300:
            self.echo("permessage-deflate", [message_of(3000)] * 3, fragment)

    def test_what_does_not_shrink(self):
        noise = base64.b64encode(RANDOM.randbytes(100000))
        self.echo("permessage-deflate", [noise, noise])

    def test_server_compresses(self):
        with Client(self.program, fields=[OFFER + "permessage-deflate"]) as client:
            for expected in 1000, 100:  # the second time it knows the text
                client.send(frame(TEXT, b"abcdefgh" * 1000))
                bits, _, payload = client.raw_frame()
                self.assertEqual(bits, 12)
                self.assertLess(len(payload), expected)

    def conversation(self, octets, *expected):
        with Client(self.program, fields=[OFFER + "permessage-deflate"]) as client:
            client.send(octets)
            self.assertEqual(without_reason(client.to_end()), list(expected))

    def test_plain_message_among_compressed_ones(self):
        packed = Compression().deflate(b"packed")
        self.conversation(frame(TEXT, b"plain") + frame(TEXT, packed, rsv=4) + close(),
                          (TEXT, b"plain"), (TEXT, b"packed"), close_frame())

    def test_stored_and_final_blocks(self):
        stored = b"\0\x05\0\xfa\xffHello\0"  # RFC 7692 sections 7.2.3.3 and 7.2.3.4
        final = b"\xf3\x48\xcd\xc9\xc9\x07\0\0"
        self.conversation(frame(TEXT, stored, rsv=4) + frame(TEXT, final, rsv=4) + close(),
                          (TEXT, b"Hello"), (TEXT, b"Hello"), close_frame())

    def test_ping_within_compressed_message(self):
        packed = Compression().deflate(b"packed")
        self.conversation(frame(TEXT, packed[:3], rsv=4, fin=False) + frame(PING, b"?")
                          + frame(CONTINUATION, packed[3:]) + close(),
                          (PONG, b"?"), (TEXT, b"packed"), close_frame())

    def test_compressed_bit_where_it_may_not_be(self):
        for octets in (frame(PING, rsv=4), frame(CLOSE, rsv=4), frame(TEXT, b"x", rsv=2),
                       frame(TEXT, b"x", fin=False) + frame(CONTINUATION, b"x", rsv=4)):
            self.conversation(octets, close_frame(1002))

    def test_not_deflate(self):
        for payload in b"\x07", b"\xff" * 20, b"\0\x05\0\0\0Hello":
            self.conversation(frame(BINARY, payload, rsv=4), close_frame(1007))

    def test_text_is_checked_after_inflating(self):
        for octets in *BAD_UTF8, *CUT_UTF8:
            packed = Compression().deflate(octets)
            self.conversation(frame(TEXT, packed, rsv=4), close_frame(1007))


class WithoutDeflate(WebSocketTest):
    options = "--ws-per-message-deflate", "false"

    def test_offer_is_passed_over(self):
        with Client(self.program, fields=[OFFER + "permessage-deflate"]) as client:
            self.assertNotIn("sec-websocket-extensions", client.headers)
            client.send(frame(TEXT, b"x", rsv=4))
            self.assertEqual(without_reason(client.to_end()), [close_frame(1002)])


class Handshake(WebSocketTest):
    def test_answer(self):
        with Client(self.program) as client:
            self.assertEqual(client.headers["sec-websocket-accept"], ACCEPT)
            self.assertEqual(client.headers["upgrade"].lower(), "websocket")
            self.assertEqual(client.headers["connection"].lower(), "upgrade")
            self.assertIn("date", client.headers)
            for name in "content-length", "transfer-encoding", "sec-websocket-extensions":
                self.assertNotIn(name, client.headers)

    def test_key(self):
        key = base64.b64encode(RANDOM.randbytes(16)).decode()
        guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1((key + guid).encode()).digest()).decode()
        with self.program.connect(handshake(key=key)) as client, client.makefile("rb") as file:
            self.assertEqual(read_head(file)[1]["sec-websocket-accept"], accept)

    def test_bad_key(self):
        key = "Sec-WebSocket-Key: " + KEY
        for request in (handshake(key=""), handshake(key="x"), handshake(key=KEY[:-1]),
                        handshake(key=KEY[:-4]), handshake(key=KEY + "="),
                        handshake(key="*" + KEY[1:]), handshake(key="=" + KEY[1:]),
                        handshake(key=KEY.rstrip("=") + "AA"), handshake(fields=[key]),
                        handshake().replace(key.encode() + b"\r\n", b"")):
            with self.subTest(request=request):
                status, headers, _ = self.program.exchange(request)
                self.assertEqual((status, headers["connection"]), (400, "close"))

    def test_bad_version(self):
        version = "Sec-WebSocket-Version: 13"
        for request in (handshake(version="8"), handshake(version="0"), handshake(version="x"),
                        handshake(version=""), handshake(version="13, 8"), handshake(version="013"),
                        handshake(fields=["Sec-WebSocket-Version: 8"]),
                        handshake().replace(version.encode() + b"\r\n", b"")):
            with self.subTest(request=request):
                status, headers, _ = self.program.exchange(request)
                self.assertEqual((status, headers["sec-websocket-version"]), (426, "13"))
                self.assertIn("upgrade", headers)  # RFC 9110 section 15.5.22

    def test_body(self):
        for field, body in ("Content-Length: 1", b"x"), ("Transfer-Encoding: chunked", b"0\r\n\r\n"):
            self.assertEqual(self.program.exchange(handshake(fields=[field]) + body)[0], 400)

    def test_not_asked(self):
        for old, new in ((b"HTTP/1.1", b"HTTP/1.0"), (b"GET", b"POST"),
                         (b"Upgrade: websocket", b"Upgrade: h2c"),
                         (b"Upgrade: websocket", b"Upgrade: websockets"),
                         (b"Upgrade: websocket", b"X: websocket"),
                         (b"Connection: Upgrade", b"Connection: keep-alive")):
            with self.subTest(new=new):
                request = handshake("/").replace(old, new, 1)
                with self.program.connect(request) as client, client.makefile("rb") as file:
                    status, headers = read_head(file)
                    self.assertEqual(status, 405 if new == b"POST" else 200)
                    self.assertNotIn("upgrade", headers)

    def test_asked_in_other_words(self):
        for old, new in ((b"Upgrade: websocket", b"uPGRADE: WebSocket"),
                         (b"Upgrade: websocket", b"Upgrade: h2c, websocket"),
                         (b"Connection: Upgrade", b"Connection: keep-alive, upgrade"),
                         (b"Connection: Upgrade", b"Connection: x\r\nConnection: Upgrade"),
                         (b"HTTP/1.1", b"HTTP/1.2")):
            with self.subTest(new=new):
                request = handshake().replace(old, new, 1)
                with self.program.connect(request) as client, client.makefile("rb") as file:
                    self.assertEqual(read_head(file)[0], 101)

    def test_octet_by_octet(self):
        octets = handshake() + frame(TEXT, b"Hello")
        with self.program.connect() as client, client.makefile("rb") as file:
            for i in range(len(octets)):
                client.sendall(octets[i:i + 1])
            self.assertEqual(read_head(file)[0], 101)
            self.assertEqual(file.read(7), b"\x81\x05Hello")

    def test_frames_in_the_same_segment(self):
        behind = frame(PING, b"?") + frame(TEXT, b"Hello") + close(1000)
        with Client(self.program, behind=behind) as client:
            self.assertEqual(client.to_end(), [(PONG, b"?"), (TEXT, b"Hello"), close_frame(1000)])
        payload = RANDOM.randbytes(MIB)
        with Client(self.program, behind=frame(BINARY, payload)) as client:
            self.assertTrue(client.frame() == (BINARY, payload))

    def test_behind_another_request(self):
        first = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        with self.program.connect(first + handshake() + frame(PING)) as client:
            with client.makefile("rb") as file:
                self.assertEqual(read_head(file)[0], 200)
                file.read(13)
                self.assertEqual(read_head(file)[0], 101)
                self.assertEqual(file.read(2), b"\x8a\0")

    def test_subprotocol(self):
        for offer, chosen in (([], None), (["v1.demo"], "v1.demo"), (["v1.demo, v2.demo"], "v2.demo"),
                              (["x", "v1.demo"], "v1.demo"), (["V1.DEMO"], None)):
            fields = ["Sec-WebSocket-Protocol: " + value for value in offer]
            with self.subTest(offer=offer):
                with Client(self.program, "/ws/subprotocol", fields) as client:
                    self.assertEqual(client.headers.get("sec-websocket-protocol"), chosen)
                    self.assertEqual(client.text(), chosen or "no subprotocol")
                    self.assertEqual(client.frame(), close_frame(1000))

    def test_empty_subprotocol(self):
        with Client(self.program, fields=["Sec-WebSocket-Protocol: ,a,, b"]) as client:
            self.assertNotIn("sec-websocket-protocol", client.headers)

    def test_denied(self):
        for path, status in ("/ws/deny", 401), ("/ws/nothing", 403), ("/", 403):
            with self.subTest(path=path):
                answer = self.program.exchange(handshake(path) + frame(TEXT, b"Hello"))
                self.assertEqual(answer[0], status)
                self.assertEqual(answer[1]["connection"], "close")
                self.assertEqual(int(answer[1]["content-length"]), len(answer[2]))


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
