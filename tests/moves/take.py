#!/usr/bin/env python3
"""Takes over what a move gives to a student: declarations and tables, which need not be typed.

usage: take.py MOVE FOLDER     as 3.2, and the program's folder

A file that is as it was before the move becomes what it is after it. What the student has changed in
it stays: the two are merged. Where they cannot be, the file is left as it is, and what the move adds to
it is shown. So is a part of a file, as a table: where it belongs only the student knows.
"""

import argparse
import difflib
import pathlib
import sys

import look
import series

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "ladder"))
import merging  # noqa: E402


def take_file(name, before, after, folder):
    """Merges one file into the folder; returns what has become of it, and whether it is taken over."""
    path = folder / name
    ours = merging.contents(path)
    if ours == after:
        return "is there already", True
    merged, conflict = merging.merge(ours, before, after, ("yours", "before", "the move"))
    if conflict:
        return "is left as it is: yours and the move's change the same lines", False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(merged)
    return "is taken over" if ours == before else "is merged with yours", True


def added_to(name, before, after):
    """Returns what a move adds to a file, its places apart."""
    lines = [text.decode().splitlines() for text in (before or b"", after)]
    changes = difflib.SequenceMatcher(None, *lines, autojunk=False).get_opcodes()
    return "\n\n".join("\n".join(lines[1][begin:end]).strip("\n")
                       for tag, _, _, begin, end in changes if tag != "equal" and begin < end)


def part_of(name, text):
    """Returns the lines of a part of a file."""
    head = series.head_of_part(name)
    return next(part for part in look.parts_of(text) if head.search(look.head_of(part)))


def show_part(name, part, folder):
    """Shows a part of a file, for the student to put into it."""
    if part.encode() in (merging.contents(folder / name) or b""):
        print(f"  {name:32} has it already: {look.head_of(part).rstrip(' {=')}")
    else:
        print(f"  {name}: put this there\n\n{part}\n")


def take_over(move, before, after, folder):
    """Takes over all that a move between two states names; returns whether all could be."""
    all_taken = True
    for entry in move.taken_over:
        name, _, part = entry.partition("#")
        if part:
            show_part(name, part_of(part, after[name].decode()), folder)
            continue
        said, taken = take_file(name, before.get(name), after[name], folder)
        print(f"  {name:32} {said}")
        if not taken:
            print(f"\nIt adds this:\n\n{added_to(name, before.get(name), after[name])}\n")
        all_taken = all_taken and taken
    if not move.taken_over:
        print("  this move has nothing to take over: all of it is typed")
    return all_taken


def take(number, folder):
    """Takes over what a move names; returns the exit status."""
    step, position = series.parse(number)
    moves = series.moves_of(step)[:position]
    before, after = series.states_of(step, moves=moves)[-2:]
    return 0 if take_over(moves[-1], before, after, folder) else 1


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("move")
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        return take(arguments.move, arguments.folder)
    except series.Fault as fault:
        print(f"workshop: {fault}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
