#!/usr/bin/env python3
"""Carries the change of a step to the later steps, with git's three-way merge.

usage: carry.py STEP [SINCE]   STEP: the step's directory; SINCE: a commit (default: HEAD)
       carry.py --abort        forget what was resolved by hand in the moves

The change is what differs between the step's files in the commit and on disk; the chapter is left
out. In each later step, one after the other, a changed file is merged, a new one added, a deleted
one removed. At the first step with a conflict it stops: the conflict is in the file, between git's
usual markers. Mended there, the change goes on from that step by the same command. At last it goes
through the moves of all these steps: moves/carry_moves.py says how.
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "moves"))
import carry_moves  # noqa: E402
from merging import MARKERS, Refusal, committed, contents, git, merge  # noqa: E402

CHAPTER = "README.md"  # a text of its own in each step
MOVES = "moves/"  # made anew at the end


def changed_files(step, since):
    """Returns the names of the step's files that are not as in the commit, new ones too."""
    tracked = git("diff", "--name-only", "--no-renames", "-z", since, "--", step)
    new = git("ls-files", "--others", "--exclude-standard", "-z", "--", step)
    names = {name.decode().removeprefix(f"{step}/") for name in (tracked + new).split(b"\0") if name}
    return sorted(name for name in names - {CHAPTER} if not name.startswith(MOVES))


def what_to_do(name, ours, theirs, merged):
    """Says what a conflict leaves to the reader."""
    if theirs is None:
        return f"{name} is not the same here: is it still needed?"
    if ours is None:
        return f"{name} is not here: does the change belong elsewhere?"
    if not MARKERS.search(merged):
        return f"{name} is no text: merge it by hand"
    return f"{name} has both changes, between <<<<<<< and >>>>>>>"


def carry_to(later, step, names, since):
    """Carries the files to one later step; returns a line for each change, and the conflicts."""
    done, conflicts = [], []
    for name in names:
        target, theirs = pathlib.Path(later, name), contents(pathlib.Path(step, name))
        base, ours = committed(f"{step}/{name}", since), contents(target)
        labels = (later, f"{step}, before the change", f"{step}, changed")
        merged, conflict = merge(ours, base, theirs, labels)
        if conflict:
            conflicts.append(what_to_do(name, ours, theirs, merged))
        if merged == ours:
            continue
        if merged is None:
            target.unlink()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(merged)
        word = "deleted" if merged is None else "new" if ours is None else "merged"
        done.append(f"{later:20} {name:28} {'conflict' if conflict else word}")
    return done, conflicts


def check(step, names):
    """Refuses a change that is none, or that has markers of an earlier conflict."""
    for name in names:
        if MARKERS.search(contents(pathlib.Path(step, name)) or b""):
            raise Refusal(f"{step}/{name} has markers of a conflict still: mend it first")


def carry(step, since):
    """Carries a step's change to all later steps; returns the exit status."""
    names = changed_files(step, since)
    steps = sorted(path.name for path in pathlib.Path().glob("step[0-9][0-9]_*") if path.is_dir())
    later = [other for other in steps if other > step]
    if not names:
        print(f"nothing to carry: {step} is as it was committed ({since})")
        return 0
    has_moves = any(pathlib.Path(other, MOVES).is_dir() for other in [step, *later])
    if not later and not has_moves:
        raise Refusal(f"{step} is the last step: there is none to carry to")
    check(step, names)
    moved = 0
    for other in later:
        done, conflicts = carry_to(other, step, names, since)
        moved += len(done)
        print(*done, sep="\n", end="\n" if done else "")
        if conflicts:
            print(*[f"conflict in {other}: {conflict}" for conflict in conflicts], sep="\n")
            number, rest = other[4:6].lstrip("0"), "" if since == "HEAD" else f" {since}"
            print(f"Mend it, then carry on: ./workshop carry {number}{rest}")
            return 1
    print(f"carried to {len(later)} step{'s' * (len(later) > 1)}" if moved
          else "every later step has this change already")
    return carry_moves.carry_all(step, since) if has_moves else 0


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    if arguments == ["--abort"]:
        carry_moves.forget()
        return 0
    try:
        return carry(arguments[0].rstrip("/"), arguments[1] if len(arguments) == 2 else "HEAD")
    except Refusal as refusal:
        print(f"workshop: {refusal}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
