#!/usr/bin/env python3
"""The moves of the steps: shown, made, and proven.

usage: moves.py list [STEP]          each move: its title, minutes and lines
       moves.py write MOVE FOLDER    the program as it is after a move, as 3.2, or a step, as 3
       moves.py text MOVE            the section of the chapter about it
       moves.py unpack STEP FOLDER   all states of a step, a folder for each
       moves.py pack STEP FOLDER     the patches, made anew of such folders
       moves.py prove [ROOT]         each series ends at its step, to the byte, in moves that are small
"""

import pathlib
import re
import statistics
import sys

import series
from series import Fault

MOST_TYPED = 120  # lines of a move
MEDIAN_TYPED = 60  # of the moves of a step


def section(step, number):
    """Returns what the step's chapter says of a move."""
    chapter = step.joinpath("README.md").read_text()
    match = re.search(rf"^### Move {step.name[5]}\.{number}: .*?(?=^#{{1,3}} |\Z)", chapter, re.M | re.S)
    if not match:
        raise Fault(f"{step.name}/README.md has no section 'Move {step.name[5]}.{number}: ...'")
    return match[0].rstrip()


def show_list(chosen):
    for step in chosen:
        for number, move in enumerate(series.moves_of(step), 1):
            typed, taken, gone = move.counts()
            print(f"{step.name[5]}.{number:<3} {move.title:44} {move.minutes:3} min"
                  f"  +{typed} -{gone}" + (f", {taken} taken over" if taken else ""))


def write_state(number, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    series.write(series.state_at(number), folder)


def unpack(step, folder):
    names = ["0", *(move.name.removesuffix(".patch") for move in series.moves_of(step))]
    for name, state in zip(names, series.states_of(step)):
        part = pathlib.Path(folder, name)
        part.mkdir(parents=True, exist_ok=True)
        series.write(state, part)


def pack(step, folder):
    """The folder of a state has the name of its patch; a new one has its head in the file FOLDER.head."""
    folders = sorted((path for path in pathlib.Path(folder).glob("[1-9]*") if path.is_dir()),
                     key=lambda path: int(path.name.split("_")[0]))
    known = {move.name: move.head for move in series.moves_of(step)}
    step.joinpath("moves").mkdir(exist_ok=True)
    previous = series.before(step)
    state = series.read(previous) if previous else {}
    for path in folders:
        name, head = f"{path.name}.patch", path.with_name(f"{path.name}.head")
        text = head.read_text().rstrip() + "\n\n" if head.exists() else known[name]
        new = series.read(path)
        step.joinpath("moves", name).write_text(text + series.difference(state, new))
        known.pop(name, None)
        state = new
    for name in known:
        step.joinpath("moves", name).unlink()


def faults_of(step):
    """Yields what is wrong with a step's series."""
    moves = series.moves_of(step)
    if not moves:
        return
    if [int(move.name.split("_")[0]) for move in moves] != list(range(1, len(moves) + 1)):
        yield "the moves are not numbered from 1 on"
    states = series.states_of(step, moves=moves)
    final = series.read(step)
    for name in sorted(set(states[-1]) | set(final)):
        if states[-1].get(name) != final.get(name):
            yield f"after the last move {name} is not the step's, to the byte"
    typed = [move.counts()[0] for move in moves]
    for move, lines in zip(moves, typed):
        if lines > MOST_TYPED:
            yield f"{move.name} has {lines} lines to type, at most {MOST_TYPED} are allowed"
    if statistics.median(typed) > MEDIAN_TYPED:
        yield f"the median of the lines to type is {statistics.median(typed)}, at most {MEDIAN_TYPED}"
    yield from faults_of_text(step, moves, states)


def faults_of_text(step, moves, states):
    """Yields what the chapter says of a move that the state after it does not have."""
    for number, (move, before, state) in enumerate(zip(moves, states, states[1:]), 1):
        try:
            text = section(step, number)
        except Fault as fault:
            yield str(fault)
            continue
        if not text.startswith(f"### Move {step.name[5]}.{number}: {move.title}\n"):
            yield f"{move.name} is called '{move.title}', and another name in the chapter"
        code = b"\n".join([*state.values(), *before.values()]).decode()
        prose = re.sub(r"(?ms)^ *```.*?^ *```$", "", text)
        for name in sorted(set(re.findall(r"`([A-Za-z_]\w*(?:::\w+)*)\(\)`", prose))):
            if not re.search(rf"\b{name.split('::')[-1]}\(", code):
                yield f"move {number} names {name}(), which is not there yet"


def prove(root):
    status = 0
    for step in series.steps(root):
        try:
            faults = list(faults_of(step))
        except Fault as fault:
            faults = [str(fault)]
        counts = [move.counts()[0] for move in series.moves_of(step)]
        told = f"{len(counts)} moves, {statistics.median(counts):g} lines in the middle" if counts else "not cut"
        print(f"{step.name:20} {told}")
        for fault in faults:
            print(f"FAIL  {step.name}: {fault}")
            status = 1
    return status


def main(arguments):
    command, *rest = arguments or [""]
    try:
        if command == "list":
            show_list([series.parse(rest[0])[0]] if rest else series.steps())
        elif command == "write" and len(rest) == 2:
            write_state(*rest)
        elif command == "text" and len(rest) == 1:
            print(section(*series.parse(rest[0])))
        elif command == "unpack" and len(rest) == 2:
            unpack(series.parse(rest[0])[0], rest[1])
        elif command == "pack" and len(rest) == 2:
            pack(series.parse(rest[0])[0], rest[1])
        elif command == "prove":
            return prove(pathlib.Path(rest[0]) if rest else series.ROOT)
        else:
            print(__doc__, file=sys.stderr)
            return 2
    except Fault as fault:
        print(f"workshop: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
