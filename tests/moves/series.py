"""The moves of a step: a series of patches, from the step before it to the step itself.

A state is {name: contents} of a program's files: CMakeLists.txt and src/. A patch is in git's format,
with a head of fields, as a letter has one:

    Title: The loop
    Minutes: 15
    Take over: src/options.hpp src/command_line.cpp
    See: curl http://127.0.0.1:8000/ twice

What is taken over is copied, and need not be typed: a file, or one part of it, as a table:
src/http/response.cpp#reasons.
"""

import os
import pathlib
import re
import subprocess
import tempfile

import look

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIELDS = ("Title", "Minutes", "Take over", "See")


class Fault(Exception):
    """What is wrong with a series, and where."""


def git(folder, *arguments, fails_with=()):
    """Runs git on files of a folder, whatever repository the folder may be in."""
    settings = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent), "GIT_CONFIG_GLOBAL": "",
                "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", "-c", "core.quotePath=false", *arguments], cwd=folder,
                          env=settings, capture_output=True)
    if done.returncode != 0 and done.returncode not in fails_with:
        raise Fault(done.stderr.decode().strip())
    return done.stdout


def read(folder):
    """Returns the state of a program's folder."""
    folder = pathlib.Path(folder)
    files = [folder / "CMakeLists.txt", *sorted(folder.glob("src/**/*"))]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files if path.is_file()}


def write(state, folder):
    """Writes a state into a folder, in which nothing else stays of a program."""
    folder = pathlib.Path(folder)
    for name in set(read(folder)) - set(state):
        (folder / name).unlink()
    for name, contents in state.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_bytes() != contents:  # what is the same is not built again
            path.write_bytes(contents)


def difference(before, after):
    """Returns a patch from one state to another."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for part, state in (("a", before), ("b", after)):
            (folder / part).mkdir()
            write(state, folder / part)
        text = git(folder, "diff", "--no-index", "--no-prefix", "--no-renames", "--no-color",
                   "--histogram", "a", "b", fails_with=(1,)).decode()
    text = re.sub(r"(?m)^index [0-9a-f]+\.\..*\n", "", text)  # it changes with each line before it
    # Of a file that is new or gone git names the one folder that has it.
    return re.sub(r"(?m)^diff --git [ab]/(\S+) [ab]/\1$", r"diff --git a/\1 b/\1", text)


def apply(patch, state):
    """Returns the state after a patch. Throws Fault where it does not fit."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name, "state")
        folder.mkdir()
        write(state, folder)
        file = pathlib.Path(name, "patch")
        file.write_text(patch)
        git(folder, "apply", "--whitespace=nowarn", str(file))
        return read(folder)


class Move:
    """One patch of a series, as its file has it."""

    def __init__(self, name, text):
        self.name = name
        head, begin, rest = text.partition("diff --git ")
        self.head = head
        self.patch = begin + rest
        fields = dict(re.findall(r"^([A-Z][a-z ]+): *(.*)$", head, re.M))
        missing = [field for field in FIELDS if field not in fields]
        if missing:
            raise Fault(f"{name} has no line '{missing[0]}: ...' at its head")
        self.title, self.see = fields["Title"], fields["See"]
        self.minutes = int(fields["Minutes"])
        self.taken_over = fields["Take over"].split()

    def counts(self):
        """Returns the lines that are typed, that are taken over and that go."""
        typed = taken = gone = 0
        for part in re.split(r"(?m)^(?=diff --git )", self.patch)[1:]:
            name = re.match(r"diff --git a/(\S+) b/", part)[1]
            hunks = part[part.find("\n@@") + 1:]
            added = re.findall(r"^\+(.*)", hunks, re.M)
            gone += len(re.findall(r"^-", hunks, re.M))
            copied = len(added) if name in self.taken_over else self.copied(name, "\n".join(added))
            taken += copied
            typed += len(added) - copied
        return typed, taken, gone

    def copied(self, file, text):
        """Returns how many lines of what is added to a file are parts that are taken over."""
        names = [name.partition("#")[2] for name in self.taken_over if name.startswith(f"{file}#")]
        lines = 0
        for name in names:
            head = head_of_part(name)
            found = [part for part in look.parts_of(text) if head.search(look.head_of(part))]
            if len(found) != 1:
                raise Fault(f"{self.name}: {file} has no part '{name}' that is taken over")
            lines += len(found[0].splitlines())
        return lines


def head_of_part(name):
    """Returns what finds the line that defines a part of a file, and none that uses it."""
    return re.compile(rf"(?<!::)\b{name}(?=[(\[{{]| [={{])")


def steps(root=ROOT):
    """Returns the folders of the steps, in order."""
    return sorted(path for path in root.glob("step[0-9][0-9]_*") if path.is_dir())


def before(step):
    """Returns the folder of the step before one, or None."""
    earlier = [other for other in steps(step.parent) if other.name < step.name]
    return earlier[-1] if earlier else None


def moves_of(step):
    """Returns a step's moves in their order; none, if it is not cut yet."""
    files = sorted(step.glob("moves/*.patch"), key=lambda path: int(path.name.split("_")[0]))
    return [Move(path.name, path.read_text()) for path in files]


def states_of(step, start=None, moves=None):
    """Returns the states of a step's series, that before the first move too."""
    previous = before(step)
    states = [start if start is not None else read(previous) if previous else {}]
    for move in moves_of(step) if moves is None else moves:
        try:
            states.append(apply(move.patch, states[-1]))
        except Fault as fault:
            raise Fault(f"{step.name}/moves/{move.name} does not apply to the state before it:\n{fault}")
    return states


def pack(step, states, moves):
    """Writes a series anew: a patch for each state but the first, with the head that its move has."""
    for move, (old, new) in zip(moves, zip(states, states[1:])):
        step.joinpath("moves", move.name).write_text(move.head + difference(old, new))


def parse(number, root=ROOT):
    """Returns the step and the number of a move: 3.2. Without a move, as 3, that is the last one."""
    match = re.fullmatch(r"(?:step)?0?([1-9])(?:_\w+)?(?:\.(\d+))?", number)
    found = [step for step in steps(root) if match and int(step.name[4:6]) == int(match[1])]
    if not found:
        raise Fault(f"there is no step or move '{number}'")
    count = len(moves_of(found[0]))
    move = int(match[2]) if match[2] else count
    if match[2] and not 1 <= move <= count:
        raise Fault(f"step {match[1]} has " + (f"moves 1 to {count}" if count else "no moves yet"))
    return found[0], move


def state_at(number, root=ROOT):
    """Returns the state after a move, as 3.2, or that of a finished step, as 3."""
    step, move = parse(number, root)
    if move == len(moves_of(step)):
        return read(step)
    return states_of(step, moves=moves_of(step)[:move])[-1]
