#!/usr/bin/env python3
"""Runs what the chapters show: every command, and compares the output.

usage: chapters.py run STEP/README.md SERVER   the chapter's commands, on this server program
       chapters.py check [ROOT]                all *.md files: links, and commands that are not run

A fenced block with the info string "console" is run: a line that starts with "$ " is a command (one
that ends in a backslash goes on in the next line), what follows is its output to the character, but:
- 127.0.0.1:8000 and "127.0.0.1 8000" stand for the address of the server that is started here;
- the value of a date field may be any date;
- a line "..." stands for any lines, or none.
The commands are run at the root of the repository, where the reader types them. One that fails has
to say so in its output.
A block "console demo:app --workers 2" is run on a server that is started with these arguments; the
applications beside the chapter can be named.
A block "console before" shows what fails before a move, and "console after" what comes out after it
and not after all later ones: tests/moves/judge.py runs them. A block "console by-hand" needs Ctrl-C,
or a second terminal, or differs from machine to machine: nothing runs it.
A block "console no-run" is for commands that start the server or run for long. They are not run, and
each has to be a command that ./workshop knows. A block "text PATH" quotes that file of the repository.
"""

import difflib
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 30  # for one command
FENCE = re.compile(r"^( *)(`{3,})(.*)$")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
DATE = re.compile(r"^(.*\bdate: )\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", re.I | re.M)


class Fault(Exception):
    """What is wrong with a chapter, and where."""


def blocks(text):
    """Yields the info string, the number of the first line and the lines of each fenced block."""
    fence, indent, info, first, lines = None, "", "", 0, []
    for number, line in enumerate(text.splitlines(), 1):
        match = FENCE.match(line)
        if fence is None and match:
            indent, fence, info = match[1], match[2], match[3].strip()
            first, lines = number + 1, []
        elif fence is not None and line.strip() == fence:
            yield info, first, lines
            fence = None
        elif fence is not None:
            lines.append(line.removeprefix(indent))
    if fence is not None:
        raise Fault(f"line {first - 1}: this block is never closed")


def arguments_of(info, kind):
    """Returns what a server is started with for a block of a kind, as "console" or "console before":
    nothing, or an application and options. None, if the block is of another kind."""
    words, wanted = tuple(info.split()), tuple(kind.split())
    rest = words[len(wanted):]
    return rest if words[:len(wanted)] == wanted and (not rest or ":" in rest[0]) else None


def commands_of(text, kind):
    """Returns {arguments of the server: commands} of all blocks of a kind."""
    found = {}
    for info, first, lines in blocks(text):
        arguments = arguments_of(info, kind)
        if arguments is not None:
            found.setdefault(arguments, []).extend(commands(first, lines))
    return found


def commands(first, lines):
    """Returns (number of the line, command, expected output) for each command of a block."""
    found, goes_on = [], False
    for number, line in enumerate(lines, first):
        if goes_on:
            found[-1][1] += "\n" + line.removeprefix("> ")
        elif line.startswith("$ "):
            found.append([number, line[2:], []])
        elif not found:
            raise Fault(f"line {number}: output before the first command")
        else:
            found[-1][2].append(line)
            continue
        goes_on = line.endswith("\\")
    return found


def matches(expected, actual):
    """Whether lines are as expected, where an expected line "..." stands for any lines."""
    if not expected:
        return not actual
    if expected[0] == "...":
        return any(matches(expected[1:], actual[i:]) for i in range(len(actual) + 1))
    return bool(actual) and expected[0] == actual[0] and matches(expected[1:], actual[1:])


def to_real(command, port):
    """The command as it is run: with the port that the server really has."""
    return re.sub(r"\b(127\.0\.0\.1|localhost)([: ])8000\b", rf"\g<1>\g<2>{port}", command)


def to_shown(output, port):
    """The output as a chapter shows it; lines of HTTP end in CR LF, which a terminal hides."""
    output = re.sub(rf"\b(127\.0\.0\.1|localhost)([: ]){port}\b", r"\g<1>\g<2>8000", output)
    return without_dates(output.replace("\r\n", "\n")).rstrip("\n").split("\n") if output else []


def without_dates(text):
    return DATE.sub(r"\1DATE", text)


def run_command(command, port):
    """Returns what a command prints, both streams as a terminal shows them."""
    script = "set -o pipefail\n" + to_real(command, port)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
    )
    if done.returncode != 0 and not done.stdout:
        return f"nothing, and ends with {done.returncode}"
    return done.stdout.decode(errors="backslashreplace")


def try_command(chapter, number, command, expected, port):
    """Runs one command and raises a Fault with the difference, if there is one."""
    expected = [without_dates(line) for line in "\n".join(expected).rstrip("\n").split("\n")]
    expected = [] if expected == [""] else expected
    try:
        actual = to_shown(run_command(command, port), port)
    except subprocess.TimeoutExpired:
        raise Fault(f"{chapter}:{number}: no end after {SECONDS} s: $ {command}") from None
    if not matches(expected, actual):
        names = f"{chapter}, line {number}", "what it really prints"
        difference = difflib.unified_diff(expected, actual, *names, lineterm="")
        raise Fault(f"{chapter}:{number}: $ {command}\n" + "\n".join(difference))


def free_port():
    """Returns a free port of four digits: as many as 8000 has, so that every length stays."""
    for port in random.sample(range(2000, 10000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise Fault("there is no free port")


class Server:
    """The step's program, while its chapter's commands run. `statuses` are those that it may end with
    after Ctrl-C."""

    def __init__(self, program, arguments=(), modules=ROOT, statuses=(0,)):
        self.port = free_port()
        self.statuses = statuses
        self.process = guarded.Popen(
            [program, "--port", str(self.port), *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(modules)},
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            self.process.kill()
            raise Fault(f"the server is not ready: {line!r}")
        return self

    def __exit__(self, kind, *_):
        self.process.send_signal(signal.SIGINT)
        try:
            status = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "no end after Ctrl-C"
        self.process.stdout.close()
        if status not in self.statuses and kind is None:
            raise Fault(f"the server ended with {status}")


def run_chapter(path, program):
    """Tries each command of a chapter; returns how many there were, and the faults."""
    found = commands_of(path.read_text(), "console")
    faults = run_commands(f"{path.parent.name}/{path.name}", found, program, path.parent)
    return sum(map(len, found.values())), faults


def run_commands(name, found, program, step, statuses=(0,)):
    """Tries commands of a page, on a server for each of its arguments; returns the faults."""
    faults = []
    for arguments, listed in found.items():
        with Server(program, arguments, step / "applications", statuses) as server:
            for number, command, expected in listed:
                try:
                    try_command(name, number, command, expected, server.port)
                except Fault as fault:
                    faults.append(str(fault))
    return faults


def known_commands():
    """The commands that ./workshop --help lists."""
    usage = subprocess.run([ROOT / "workshop", "--help"], capture_output=True, text=True, check=True)
    return set(re.findall(r"^  ([a-z]+) ", usage.stdout, re.M))


def check_blocks(text, known):
    """Yields a sentence for each command that no test runs and that ./workshop does not know."""
    for info, first, lines in blocks(text):
        shown = [(n, line[2:]) for n, line in enumerate(lines, first) if line.startswith("$ ")]
        kinds = ("console", "console before", "console after", "console by-hand")
        is_run = any(arguments_of(info, kind) is not None for kind in kinds)
        for number, command in [] if is_run else shown:
            words = command.split()
            if info != "console no-run":
                yield f"line {number}: a command in a block '{info}': nothing runs it"
            elif words[0] != "./workshop" or not set(words[1:2]) <= known:
                yield f"line {number}: '{command}' is not run and is no command of ./workshop"


def check_quotes(text):
    """Yields a sentence for each block "text PATH" that is not in that file, line by line."""
    for info, first, lines in blocks(text):
        if info.startswith("text "):
            path = ROOT / info.removeprefix("text ")
            if not path.is_file() or "\n".join([*lines, ""]) not in path.read_text():
                yield f"line {first}: this is not in {path.relative_to(ROOT)}"


def check_links(path, text):
    """Yields a sentence for each relative link to a file that is not there."""
    code = {n for _, first, lines in blocks(text) for n in range(first, first + len(lines))}
    for number, line in enumerate(text.splitlines(), 1):
        if number in code:
            continue
        for link in LINK.findall(line):
            target = link.split("#")[0]
            if target and "://" not in link and not link.startswith("mailto:"):
                if not (path.parent / target).exists():
                    yield f"line {number}: {link} is not there"


def check_all(root):
    """Checks all pages under a directory; returns how many there were, and the faults."""
    built = {"build", "node_modules", "my_server"}
    pages = [p for p in sorted(root.rglob("*.md")) if not built & set(p.relative_to(root).parts)]
    faults, known = [], known_commands()
    for page in pages:
        text, name = page.read_text(), page.relative_to(root)
        try:
            found = [*check_blocks(text, known), *check_quotes(text), *check_links(page, text)]
        except Fault as fault:
            found = [str(fault)]
        faults += [f"{name}: {fault}" for fault in found]
    return len(pages), faults


def main(arguments):
    if arguments[:1] == ["run"] and len(arguments) == 3:
        program = pathlib.Path(shutil.which(arguments[2]) or arguments[2]).resolve()
        count, faults = run_chapter(pathlib.Path(arguments[1]).resolve(), program)
        what = "commands"
    elif arguments[:1] == ["check"] and len(arguments) < 3:
        count, faults = check_all(pathlib.Path(*arguments[1:] or [ROOT]).resolve())
        what = "pages"
    else:
        print(__doc__, file=sys.stderr)
        return 2
    for fault in faults:
        print("FAIL ", fault, "\n")
    print(f"{count} {what}, {len(faults)} faults")
    return 0 if count and not faults else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Fault as fault:
        sys.exit(f"FAIL  {fault}")
