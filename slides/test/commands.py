#!/usr/bin/env python3
"""Runs the commands that the slides show, as the chapters' are run, and compares the output.

usage: commands.py STEP SERVER [DECK]   the commands of all slides that are about STEP (@step, or
                                        @server where a slide has that), on this server program
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/chapters"))
import chapters  # noqa: E402

DIRECTIVE = re.compile(r"^@(step|server)\s+(\S+)\s*$")


def servers(text):
    """Returns the server of each line: what @server says on its slide, or the last @step."""
    found, step = [], None
    for slide in re.split(r"(?m)^---\n", text):
        said = dict(m.groups() for m in map(DIRECTIVE.match, slide.splitlines()) if m)
        step = said.get("step", step)
        found += [said.get("server", step)] * (slide.count("\n") + 1)
    return found


def commands_of(page, step):
    """Returns the commands of a page that are for this step, as chapters.commands() gives them."""
    text = page.read_text()
    server = servers(text)
    return [
        command
        for info, first, lines in chapters.blocks(text)
        if info == "console" and server[first - 1] == step
        for command in chapters.commands(first, lines)
    ]


def run_deck(deck, step, program):
    """Tries each command of a step; returns how many there were, and the faults."""
    count, faults = 0, []
    for page in sorted(deck.glob("*.md")):
        found = commands_of(page, step)
        count += len(found)
        if found:
            faults += chapters.run_commands(
                f"slides/deck/{page.name}", {(): found}, program, ROOT / step
            )
    return count, faults


def main(arguments):
    if len(arguments) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    step, program, *deck = arguments
    count, faults = run_deck(pathlib.Path(*deck or [ROOT / "slides/deck"]), step, program)
    for fault in faults:
        print("FAIL ", fault, "\n")
    print(f"{count} commands, {len(faults)} faults")
    return 0 if count and not faults else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
