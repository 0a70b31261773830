#!/usr/bin/env python3
"""Holds the steps to ladder.ini: what each adds to and changes in the step before it.

usage: ladder.py [ROOT]   (the directory of the steps; default: two above this file)
"""

import configparser
import pathlib
import re
import subprocess
import sys

CHAPTER = "README.md"  # new text in each step
MOVES = "moves/"  # how a step is made: tests/moves proves it


def stem(name):
    """A file without the ending of a C++ file: what a header and its source have in common."""
    return re.sub(r"\.[ch]pp$", "", name)


def read_manifest(path):
    """Returns {step: {"new": names, "changed": names, "deleted": number,
    "only_added": names, "rows": stems}}, in order."""
    manifest = configparser.ConfigParser(delimiters=("=",))
    manifest.read_string(pathlib.Path(path).read_text())
    steps = {}
    for step in manifest.sections():
        rows = [row.split() for row in manifest[step].get("files", "").strip().splitlines()]
        steps[step] = {
            "new": {name for mark, *names in rows for name in names if mark == "+"},
            "changed": {name for mark, *names in rows for name in names if mark == "~"},
            "deleted": manifest[step].getint("deleted", 0),
            "only_added": set(manifest[step].get("only_added", "").split()),
            "rows": list(dict.fromkeys(stem(name) for _, *names in rows for name in names)),
        }
    return steps


def compare_order(rows, chapter):
    """Yields a sentence if the chapter's reading order is another one than the manifest's."""
    section = re.search(r"^## The code, in the order to read it\n(.*?)(?=^## |\Z)", chapter, re.M | re.S)
    links = re.findall(r"\]\((src/[^)]+)\)", section[1]) if section else []
    read = [name for name in dict.fromkeys(stem(link) for link in links) if name in rows]
    listed = [name for name in rows if name in read]
    for there, here in zip(read, listed):
        if there != here:
            yield f"the manifest has {here} where the chapter reads {there}"
            return


class Step:
    """A step's files, without the chapter and the moves, and its symbolic links; none, if there is no
    directory."""

    def __init__(self, directory):
        paths = sorted(directory.rglob("*")) if directory else []
        self.directory = directory
        self.links = [path.relative_to(directory) for path in paths if path.is_symlink()]
        self.files = {
            path.relative_to(directory).as_posix(): path.read_bytes()
            for path in paths
            if path.is_file() and not path.is_symlink()
            and not path.relative_to(directory).as_posix().startswith(MOVES)
        }
        self.files.pop(CHAPTER, None)


def count_lines(before, after):
    """Returns how many lines git counts as inserted and deleted, as ./workshop diff shows them."""
    command = ["git", "diff", "--no-index", "--no-ext-diff", "--histogram", "--numstat"]
    counts = subprocess.run([*command, before, after], capture_output=True, text=True).stdout
    inserted, deleted = counts.split()[:2] if counts else (0, 0)
    return int(inserted), int(deleted)


def compare_names(declared, before, after):
    """Yields a sentence for each file that is not what the manifest declares it to be."""
    new = set(after) - set(before)
    changed = {name for name in set(after) & set(before) if after[name] != before[name]}
    for name in sorted(new - declared["new"]):
        yield f"{name} is new, and not declared as new"
    for name in sorted(declared["new"] - new):
        yield f"{name} is declared as new, and " + ("was there before" if name in after else "missing")
    for name in sorted(changed - declared["changed"]):
        yield f"{name} has changed, and is not declared as changed"
    for name in sorted(declared["changed"] - changed):
        state = "is the same as before" if name in set(after) & set(before) else "is not in both steps"
        yield f"{name} is declared as changed, and {state}"
    for name in sorted(set(before) - set(after)):
        yield f"{name} is gone: a step keeps what the one before it has"


def judge(declared, before, after):
    """Returns the faults of a step, and how many lines it inserts and deletes."""
    faults = list(compare_names(declared, before.files, after.files))
    inserted = deleted = 0
    for name, contents in after.files.items():
        if name not in before.files:
            inserted += len(contents.splitlines())
        elif contents != before.files[name]:
            more, fewer = count_lines(before.directory / name, after.directory / name)
            inserted, deleted = inserted + more, deleted + fewer
            if fewer and name in declared["only_added"]:
                faults.append(f"{name} loses {fewer} lines, and is declared to have lines added only")
    if deleted > declared["deleted"]:
        faults.append(f"{deleted} lines are deleted, at most {declared['deleted']} are declared")
    return faults, inserted, deleted


def check(root, manifest):
    """Prints the totals of each step that is there and returns all faults."""
    steps = [Step(path) for path in sorted(root.glob("step[0-9][0-9]_*")) if path.is_dir()]
    faults = [] if steps else [f"there is no step in {root}"]
    for before, step in zip([Step(None), *steps], steps):
        name, files = step.directory.name, step.files
        faults += [f"{name}: {link} is a symbolic link: a step is a real copy" for link in step.links]
        if name not in manifest:
            faults.append(f"{name} is not in the manifest")
            continue
        found, inserted, deleted = judge(manifest[name], before, step)
        found += compare_order(manifest[name]["rows"], (step.directory / CHAPTER).read_text())
        faults += [f"{name}: {fault}" for fault in found]
        lines = sum(len(files[file].splitlines()) for file in files if file.startswith("src/"))
        print(f"{name:20} {len(files):3} files {lines:5} lines of src  +{inserted} -{deleted}")
    return faults


def main(arguments):
    here = pathlib.Path(__file__).resolve().parent
    root = pathlib.Path(arguments[0]) if arguments else here.parents[1]
    faults = check(root, read_manifest(here / "ladder.ini"))
    for fault in faults:
        print("FAIL ", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
