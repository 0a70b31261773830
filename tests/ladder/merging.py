"""Git's three-way merge of single files, and where their versions come from."""

import pathlib
import re
import subprocess
import tempfile

MARKERS = re.compile(rb"^(<{7}|>{7}) ", re.M)  # of a conflict


class Refusal(Exception):
    """Why nothing is carried."""


def git(*arguments):
    """Returns what a git command prints, as bytes."""
    done = subprocess.run(["git", *arguments], capture_output=True)
    if done.returncode != 0:
        raise Refusal(f"git {arguments[0]}: {done.stderr.decode().strip()}")
    return done.stdout


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
