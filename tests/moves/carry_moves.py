"""Carries a mend through the moves of the steps that it has changed.

A mend of a finished step belongs into the first move whose state has the lines that it changes: from
there on it is in every state. With S the states before the mend, and S' those after it,

    S'[k] = merge(S[k-1], S[k], S'[k-1])      what move k does, done to the mended state before it
    S'[k] = merge(S[n], step, S'[k])          and the mend itself, as soon as it can be merged

The last state is the mended step, so its patch is made anew. Where a merge has a conflict, the file
is left in FOLDER with git's markers. Mended there, the same command goes on: what was resolved is
remembered by what it was made of. No patch is written until all states are there.
"""

import difflib
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys

import series

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "ladder"))
import merging  # noqa: E402

FOLDER = pathlib.Path("build/moves/carry")


class Conflict(Exception):
    """A file that a reader has to merge, and where it lies."""


def committed_state(step, since):
    """Returns a step's program as it is in a commit; {}, if it is not there yet."""
    listed = subprocess.run(["git", "ls-tree", "-r", "-z", "--name-only", since, "--",
                             f"{step}/src", f"{step}/CMakeLists.txt"], capture_output=True, check=True)
    names = [name.decode() for name in listed.stdout.split(b"\0") if name]
    return {name.removeprefix(f"{step}/"): merging.committed(name, since) for name in names}


class Carrier:
    """Merges files, with what has been resolved by hand."""

    def __init__(self, step):
        self.step = step

    def merge(self, where, name, ours, base, theirs):
        """Returns the merged file. Throws Conflict when a reader has to do it."""
        merged, conflict = merging.merge(ours, base, theirs, ("as it is", "before", "the change"))
        if not conflict:
            return merged
        if ours is None or theirs is None:
            raise Conflict(f"{self.step}, {where}: {name} is changed by one side and gone on the other:"
                           " change the series by hand (unpack, pack)")
        key = hashlib.sha256(b"\0".join([name.encode(), ours, base or b"", theirs])).hexdigest()[:12]
        resolved = FOLDER / self.step / f"{where}_{key}" / name
        if not resolved.exists():
            resolved.parent.mkdir(parents=True, exist_ok=True)
            resolved.write_bytes(merged)
        if merging.MARKERS.search(resolved.read_bytes()):
            raise Conflict(f"{self.step}, {where}: mend {resolved}, between <<<<<<< and >>>>>>>")
        return resolved.read_bytes()

    def move(self, where, old_before, old_after, new_before):
        """Returns what a move makes of a state that is not the one that it was made for."""
        names = sorted({*old_before, *old_after, *new_before})
        merged = {name: self.merge(where, name, new_before.get(name), old_before.get(name),
                                   old_after.get(name)) for name in names}
        return {name: contents for name, contents in merged.items() if contents is not None}


def parts_of_change(old, new):
    """Yields the old text with one part only of what changes it into the new one, for each part."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for kind, begin, end, new_begin, new_end in blocks:
        if kind != "equal":
            yield b"".join(before[:begin] + after[new_begin:new_end] + before[end:])


def mended(state, old, new):
    """Returns a state with what can already be merged of a mend: each part of it as soon as its lines
    are there. A new file comes as soon as another file names it."""
    result = dict(state)
    for name in sorted(set(old) & set(state)):
        if name not in new:
            if state[name] == old[name]:
                del result[name]
            continue
        for changed in parts_of_change(old[name], new[name]):
            merged, conflict = merging.merge(result[name], old[name], changed, ("", "", ""))
            if not conflict:
                result[name] = merged
    for name in sorted(set(new) - set(old)):
        included = re.escape(name.removeprefix("src/")).encode()
        if any(re.search(rb'#include "' + included, text) for text in result.values()):
            result[name] = new[name]
    return result


def carry_series(step, since):
    """Returns the states of a step's series after a mend of it, or of the step before it."""
    moves = series.moves_of(step)
    previous = series.before(step)
    old_final, new_final = committed_state(step.name, since), series.read(step)
    old_start = committed_state(previous.name, since) if previous else {}
    old = series.states_of(step, start=old_start, moves=moves)
    new = [series.read(previous) if previous else {}]
    carrier = Carrier(step.name)
    for number, move in enumerate(moves, 1):
        if number == len(moves):
            new.append(new_final)
            break
        where = f"move_{number}"
        state = carrier.move(where, old[number - 1], old[number], new[-1])
        new.append(mended(state, old_final, new_final))
    return new, moves


def carry_all(first, since):
    """Carries the mend of a step, which the later steps have already, through all moves.
    Returns the exit status."""
    made = []
    root = pathlib.Path().resolve()
    for step in series.steps(root):
        if step.name < first or not series.moves_of(step):
            continue
        try:
            made.append((step, *carry_series(step, since)))
        except Conflict as conflict:
            print(f"conflict in the moves of {conflict}")
            number, rest = first[4:6].lstrip("0"), "" if since == "HEAD" else f" {since}"
            print(f"Then carry on: ./workshop carry {number}{rest}   (or give up: --abort)")
            return 1
    for step, states, moves in made:
        before = [move.patch for move in moves]
        series.pack(step, states, moves)
        changed = sum(old != move.patch for old, move in zip(before, series.moves_of(step)))
        print(f"{step.name:20} {changed} of {len(moves)} moves are made anew")
    forget()
    return 0


def forget():
    """Drops what was resolved by hand."""
    shutil.rmtree(FOLDER, ignore_errors=True)
