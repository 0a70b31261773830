#!/usr/bin/env python3
"""Carries the change of a step to the later steps, with git's three-way merge.

usage: carry.py STEP [SINCE]   STEP: the step's directory; SINCE: a commit (default: HEAD)

The change is what differs between the step's files in the commit and on disk; the chapter is left
out. In each later step, one after the other, a changed file is merged, a new one added, a deleted
one removed. At the first step with a conflict it stops: the conflict is in the file, between git's
usual markers. Mended there, the change goes on from that step by the same command.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

CHAPTER = "README.md"  # a text of its own in each step
MARKERS = re.compile(rb"^(<{7}|>{7}) ", re.M)


class Refusal(Exception):
    """Why nothing is carried."""


def git(*arguments):
    """Returns what a git command prints, as bytes."""
    done = subprocess.run(["git", *arguments], capture_output=True)
    if done.returncode != 0:
        raise Refusal(f"git {arguments[0]}: {done.stderr.decode().strip()}")
    return done.stdout


def changed_files(step, since):
    """Returns the names of the step's files that are not as in the commit, new ones too."""
    tracked = git("diff", "--name-only", "--no-renames", "-z", since, "--", step)
    new = git("ls-files", "--others", "--exclude-standard", "-z", "--", step)
    names = {name.decode().removeprefix(f"{step}/") for name in (tracked + new).split(b"\0") if name}
    return sorted(names - {CHAPTER})


def committed(path, since):
    """Returns a file's contents in the commit, or None if it is not there."""
    if not git("ls-tree", "-z", since, "--", str(path)):
        return None
    return git("cat-file", "blob", f"{since}:./{path}")


def contents(path):
    """Returns a file's contents on disk, or None if it is not there."""
    return path.read_bytes() if path.is_file() else None


def merge(ours, base, theirs, labels):
    """Returns the merged contents and whether there is a conflict; None is a file that is not."""
    if theirs in (ours, base):
        return ours, False
    if ours == base:
        return theirs, False
    if ours is None or theirs is None:
        return ours, True
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, name) for name in ("ours", "base", "theirs")]
        for path, text in zip(paths, (ours, base or b"", theirs)):
            path.write_bytes(text)
        names = [word for label in labels for word in ("-L", label)]
        done = subprocess.run(["git", "merge-file", "-p", *names, *paths], capture_output=True)
    if not 0 <= done.returncode < 128:  # not text
        return ours, True
    return done.stdout, done.returncode > 0


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
    if not later:
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
    return 0


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return carry(arguments[0].rstrip("/"), arguments[1] if len(arguments) == 2 else "HEAD")
    except Refusal as refusal:
        print(f"workshop: {refusal}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
