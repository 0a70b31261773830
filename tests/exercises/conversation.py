"""A server that is started here, and conversations with it that remember what was said."""

import contextlib
import pathlib
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

PATIENCE = 2  # seconds for what must happen
LONG = 60  # more bytes than this in one line are not shown


class Todo(Exception):
    """The server is as the step has it: the exercise is not begun."""


class Wrong(Exception):
    """The exercise is begun, and something is not as it should be."""

    def __init__(self, said, expected, rule, at=0):
        super().__init__(expected)
        self.said, self.expected, self.rule, self.at = said, expected, rule, at
        self.last_words = ""
        self.report = []  # lines that say more


class Server:
    """Runs a command while a `with` block lasts; {port} and {options} in it are filled in."""

    def __init__(self, command, options=""):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        if options and "{options}" not in command:
            raise Todo("the command has no {options}")
        self.command = shlex.split(
            command.replace("{port}", str(self.port)).replace("{options}", options)
        )

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.errors = self.stack.enter_context(tempfile.TemporaryFile())
        self.process = guarded.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=self.errors
        )
        self.stack.callback(self.stop)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        self.refuse_start()

    def refuse_start(self):
        """What cannot be loaded is not begun if it is not there, and wrong if it is."""
        said = self.words_at_end()
        self.stack.close()
        if "Traceback" not in said or "ModuleNotFoundError" in said:
            raise Todo(f"the server does not start: {shlex.join(self.command)}")
        wrong = Wrong([["it said", said.strip().splitlines()[-1].encode()], ["", ""]],
                      "a line that it listens", "a program in Python is read before it runs")
        wrong.report = said.splitlines()
        raise wrong

    def __exit__(self, kind, wrong, _):
        if kind is Wrong:
            wrong.last_words = self.last_words()
        self.stack.close()

    def last_words(self):
        """How the server has ended, if it has, and what it said at last."""
        try:
            status = self.process.wait(0.2)
        except subprocess.TimeoutExpired:
            return ""
        said = self.words().split("\n")[-4:]
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return " / ".join([f"it has ended with {how}", *filter(None, said)])

    def words_at_end(self):
        """All that it has said. One that does not end of itself has nothing more to say."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        return self.words()

    def words(self):
        """All that it has written to its standard error so far."""
        return guarded.contents(self.errors)

    def stop(self):
        self.process.kill()
        self.process.wait()

    def connect(self):
        try:
            return self.stack.enter_context(Conversation(self.port))
        except (ConnectionError, TimeoutError) as error:
            said = [["we connect", str(error).encode()], ["", ""]]
            raise Wrong(said, "a connection", "a server goes on after a client") from None

    def greatest_memory(self):
        """The most memory that the process has had, in KiB, or None where nobody tells."""
        with contextlib.suppress(OSError):
            with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
                return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])
        return None


class Conversation:
    """A connection as a client has it."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.said = []  # [who, bytes] in order; bytes that come in several reads are one piece
        self.taken = b""  # the bytes received that nobody has asked for yet
        self.end = ""  # why no more bytes came

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.said.append(["we sent", data])
        with contextlib.suppress(OSError):
            self.socket.sendall(data)

    def end_sending(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        self.socket.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, (1).to_bytes(4, "little") + bytes(4)
        )
        self.socket.close()

    def read(self, patience=PATIENCE):
        """Waits for more bytes; False: none came, and self.end says why."""
        self.socket.settimeout(patience)
        try:
            data = self.socket.recv(65536)
            self.end = "" if data else "then the end of the connection"
        except TimeoutError:
            data, self.end = b"", f"then nothing for {patience:g} s"
        except OSError:
            data, self.end = b"", "then a reset"
        if not self.said or self.said[-1][0] != "we received":
            self.said.append(["we received", b""])
        self.said[-1][1] += data
        self.taken += data
        return bool(data)

    def take(self, size):
        """The next bytes, fewer only if no more come."""
        while len(self.taken) < size and self.read():
            pass
        data, self.taken = self.taken[:size], self.taken[size:]
        return data

    def take_until(self, mark):
        """The bytes up to a mark and with it, or all there are if it does not come."""
        while mark not in self.taken and self.read():
            pass
        at = self.taken.find(mark)
        return self.take(at + len(mark) if at >= 0 else len(self.taken))

    def at_end(self):
        """Whether the other side says no more and ends."""
        return not self.taken and not self.read() and "end" in self.end

    def expect(self, wanted, rule):
        """Takes as many bytes as are wanted, which have to be these."""
        data = self.take(len(wanted))
        same = next((i for i, (a, b) in enumerate(zip(data, wanted)) if a != b), len(data))
        if data != wanted:
            start = len(self.said[-1][1]) - len(self.taken) - len(data)
            self.wrong(f'"{escape(wanted[same:same + 30])}"', rule, start + same)

    def require(self, true, expected, rule, near=None):
        """What has to be true; `near` is the text in what was received that is looked at."""
        if not true:
            received = self.said[-1][1] if self.said[-1][0] == "we received" else b""
            at = received.rfind(near) if near else -1
            self.wrong(expected, rule, at if at >= 0 else len(received))

    def wrong(self, expected, rule, at):
        raise Wrong([*self.said, ["", self.end]], expected, rule, at)


def escape(data):
    """Bytes as they are written in C: printable, with \\r and \\n."""
    return data.decode("latin-1").encode("unicode_escape").decode().replace('"', '\\"')


def lines_of(data):
    """Yields (offset, text) for each line of bytes; a long one is cut in its middle."""
    offset = 0
    for line in data.splitlines(keepends=True) or [b""]:
        text = escape(line)
        if len(line) > LONG:
            text = f"{escape(line[:25])}... [{len(line) - 40:,} bytes] ...{escape(line[-15:])}"
        yield offset, text
        offset += len(line)
