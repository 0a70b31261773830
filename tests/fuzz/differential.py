#!/usr/bin/env python3
"""Holds the request grammar of the last step against the parsers of others.

usage: differential.py READ_REQUESTS [--requests N] [--seed N] [--examples]

The corpus and N mutated requests go to all of them; where one accepts what the other does not, or
both accept it and understand something else, that is a class of difference. DIFFERENCES.md lists
and explains all there may be; any other one fails. Exit status 77: no other parser is installed.
"""

import argparse
import collections
import pathlib
import random
import shutil
import subprocess
import sys

from mutate_requests import make_request

HERE = pathlib.Path(__file__).resolve().parent
TABLE = HERE / "DIFFERENCES.md"
PEERS = ("h11", "llhttp")
HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def requests(count, seed):
    """Yields the corpus, then requests that are made of good and bad ones."""
    for path in sorted((HERE / "corpus/request").iterdir()):
        yield path.read_bytes()
    for path in sorted((HERE / "corpus/chunked").iterdir()):
        yield HEAD + path.read_bytes()
    rng = random.Random(seed)
    for _ in range(count):
        yield make_request(rng)


def peers():
    """The name of each other parser, and the command that reads with it."""
    debian = "/usr/bin/python3"  # to whose Python Debian's modules belong
    python = debian if pathlib.Path(debian).exists() else sys.executable
    node = shutil.which("node") or shutil.which("nodejs")
    yield "h11", [python, str(HERE / "read_requests.py")]
    if node:
        yield "llhttp", [node, str(HERE / "read_requests.cjs")]


def read_all(command, lines):
    """What that parser says to each request; nothing: it is not installed."""
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, timeout=300)
    if done.returncode == 77:
        return None
    done.check_returncode()
    return done.stdout.splitlines()


def part(result):
    """The three parts of what was read."""
    line, _, rest = bytes.fromhex(result[5:]).partition(b"\n")
    fields, _, body = (b"\n" + rest).partition(b"\n\n")
    return {"request line": line, "fields": fields, "body": body}


def difference(ours, theirs):
    """The class in which two results differ: what we say, and what they do; None: they do not."""
    if ours.startswith("read ") and theirs.startswith("read "):
        a, b = part(ours), part(theirs)
        other = [name for name in a if a[name] != b[name]]
        return ("read", "another " + " and ".join(other)) if other else None
    if ours.startswith("read "):
        return "read", theirs
    if theirs.startswith("read "):
        return ours.removeprefix("refused "), "read"
    return None


def listed():
    """Yields the classes of the table: the name of a parser, and the second and third cell."""
    for line in TABLE.read_text().splitlines():
        name, *cells = [cell.strip().strip("`") for cell in line.strip("|").split(" | ")]
        if len(cells) == 3:
            for peer in PEERS if name == "both" else (name,):
                yield peer, *cells[:2]


def compare(name, ours, theirs, inputs):
    """Returns an example and the number of each class of difference from that peer."""
    examples, counts = {}, collections.Counter()
    for data, a, b in zip(inputs, ours, theirs, strict=True):
        if found := difference(a, b):
            counts[name, *found] += 1
            if len(data) < len(examples.get((name, *found), data + b" ")):
                examples[name, *found] = data
    return examples, counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", help="read_requests, which has our grammar")
    parser.add_argument("--requests", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", action="store_true", help="show one of each class")
    options = parser.parse_args()
    inputs = list(requests(options.requests, options.seed))
    lines = "".join(data.hex() + "\n" for data in inputs)
    ours = read_all([options.program], lines)
    known, compared, failed = set(listed()), 0, False
    for name, command in peers():
        theirs = read_all(command, lines)
        if theirs is None:
            continue
        compared += 1
        examples, counts = compare(name, ours, theirs, inputs)
        print(f"{name}: {len(inputs)} requests, {sum(counts.values())} differences")
        for found, count in counts.most_common():
            mark = "     " if found in known else "NEW  "
            failed |= found not in known
            print(f"{mark}{count:7}  {' | '.join(found)}")
            if options.examples or found not in known:
                print(f"              {examples[found][:300]!r}")
    return 77 if compared == 0 else 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
