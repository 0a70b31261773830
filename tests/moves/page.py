#!/usr/bin/env python3
"""The page teaching/moves.md: how much each move is, and which of its checks is the first; and the
line below the title of each move in the chapters, which says how much it is, too.

usage: page.py CHECKS [--write]   compares them with the moves, and with what is known of their checks

CHECKS is the program that judges: it lists the checks in the order of learning. Which move a check
belongs to judge.py has found out.
"""

import re
import subprocess
import sys

import series

TABLE = series.ROOT / "tests/checks/moves.inc"
IN_PYTHON = series.ROOT / "tests/moves/in_python.inc"  # of step 6, in which the demo is in Python
PAGE = series.ROOT / "teaching/moves.md"
INTRODUCTION = """# The moves

How each step is built by hand: the chapters say what to write, this page how much it is. A line that
is taken over is copied from the step, and not typed. The checks are those that fail before the move
and pass from then on; the first of them is what `./workshop check` shows to who has not begun with the
move. `tests/moves/page.py` has made this page.
"""


def names_of(checks, step):
    """Returns {check: step} for the checks of a step and of those before it, in their order."""
    listed = subprocess.run([checks, "--list", "--step", str(step)], capture_output=True, text=True)
    return {match[2]: int(match[1])
            for match in re.finditer(r"^step0(\d)  (.*)  \[.*\]$", listed.stdout, re.M)}


def in_python(step):
    """Whether a step runs the demo in Python."""
    return (step / "applications/demo.py").exists()


def known_moves(path):
    """Returns {check: move}, of all steps that have a table."""
    text = path.read_text() if path.exists() else ""
    lines = re.findall(r'^    \{"((?:[^"\\]|\\.)*)", (\d+)\},$', text, re.M)
    return {re.sub(r"\\(.)", r"\1", name): int(move) for name, move in lines}


class Known:
    """A step by what is known of its moves' checks; `move_of` may be set to what is found out anew."""

    def __init__(self, checks, step):
        self.number = int(step.name[4:6])
        self.moves = series.moves_of(step)
        self.names = names_of(checks, self.number)
        self.own = {name for name, since in self.names.items()
                    if in_python(step) or since == self.number}
        known = known_moves(IN_PYTHON if in_python(step) else TABLE)
        self.move_of = {name: known[name] for name in self.own if name in known}

    def gained(self, move):
        return sum(of == move for of in self.move_of.values())

    def first_of(self, move):
        """Returns the name of the check that is run first of those of a move; nothing, if it has none."""
        return next((name for name in self.names if self.move_of.get(name) == move), "")


def text_of(judged):
    """Returns the text of moves.md. Steps that are not among these keep their tables."""
    known = dict(re.findall(r"(?ms)^## Step (\d)\n(.*?)(?=^## |\Z)", PAGE.read_text())) if PAGE.exists() else {}
    for one in judged:
        rows = ["", "| move | | minutes | to type | taken over | go | checks | the first of them |",
                "|---|---|---|---|---|---|---|---|"]
        total = [0] * 5
        for number, move in enumerate(one.moves, 1):
            typed, taken, gone = move.counts()
            values = [move.minutes, typed, taken, gone, one.gained(number)]
            total = [a + b for a, b in zip(total, values)]
            rows.append(f"| {one.number}.{number} | {move.title} | " + " | ".join(map(str, values)) +
                        f" | {one.first_of(number)} |")
        rows.append("| | together | " + " | ".join(map(str, total)) + " | |")
        known[str(one.number)] = "\n".join(rows) + "\n\n"
    parts = [f"## Step {number}\n{text.rstrip()}\n" for number, text in sorted(known.items())]
    return INTRODUCTION + "\n" + "\n".join(parts)


def with_sizes(chapter, moves):
    """Returns the text of a chapter with the minutes and the lines of these moves."""
    def size(match):
        move = moves[int(match[2]) - 1]
        return f"{match[1]}({move.minutes} minutes; {move.counts()[0]} lines)"
    return re.sub(r"(?m)^(### Move \d\.(\d+): .*\n\n)\(\d+ minutes; \d+ lines\)", size, chapter)


def main(checks, *options):
    steps = [step for step in series.steps() if series.moves_of(step)]
    pages = {PAGE: text_of([Known(checks, step) for step in steps])}
    for step in steps:
        chapter = step / "README.md"
        pages[chapter] = with_sizes(chapter.read_text(), series.moves_of(step))
    other = [path for path, text in pages.items() if path.read_text() != text]
    for path in other:
        if options == ("--write",):
            path.write_text(pages[path])
        else:
            print(f"FAIL  {path.relative_to(series.ROOT)} is not what the moves are: page.py CHECKS --write")
    return 1 if other and options != ("--write",) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
