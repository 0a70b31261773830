#!/usr/bin/env python3
"""Whether CONTRACTS.md and the tests say the same.

usage: contracts.py ASGI_TESTS CHECKS   (the two programs)

Each row of the table names the tests of a contract, between backquotes: test cases of the ASGI
tests as they are, checks after "checks: ". A test case is named in the rows of all the contracts
that begin its own name ("contract 1: ...", "contracts 2, 3: ..."), and in no other. A row without
a test says why.
"""

import pathlib
import re
import subprocess
import sys

TABLE = pathlib.Path(__file__).with_name("CONTRACTS.md")
NUMBERS = list(range(1, 106))


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def test_names(program):
    """The test cases of a program of doctest."""
    return {line for line in output_of(program, "--list-test-cases", "--no-colors=true")
            if not line.startswith(("[doctest]", "==="))}


def check_names(program):
    """The checks of `checks`."""
    listed = (re.match(r"step\d+  (.*?)  \[", line) for line in output_of(program, "--list"))
    return {match[1] for match in listed if match}


def rows(text):
    """Yields number and last cell of each row."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 3 and cells[0].isdigit():
            yield int(cells[0]), cells[2]


def numbers_of(name):
    """The contracts that a test case is named after."""
    match = re.match(r"contracts? ([\d, ]+):", name)
    return [int(number) for number in match[1].split(",")] if match else []


def problems(table, tests, checks):
    """Yields a sentence for each thing in which the table and the tests differ."""
    named = {}
    for number, cell in rows(table):
        if number in named:
            yield f"contract {number} has two rows"
        names = re.findall(r"`([^`]+)`", cell)
        named[number] = {name for name in names if not name.startswith("checks: ")}
        for name in named[number] - tests:
            yield f"contract {number}: there is no test case '{name}'"
        for name in {name[8:] for name in names if name.startswith("checks: ")} - checks:
            yield f"contract {number}: there is no check '{name}'"
        if not names and not cell.startswith(("no meaning here:", "left out:")):
            yield f"contract {number}: neither a test nor a reason"
    if sorted(named) != NUMBERS:
        yield f"the rows are not those of the contracts: {sorted(set(NUMBERS) ^ set(named))}"
    for name in tests:
        numbers = set(numbers_of(name))
        for number in {number for number in named if name in named[number]} ^ numbers:
            yield f"contract {number}: the row and the name of '{name}' do not agree"


def main():
    asgi_tests, checks = sys.argv[1:]
    found = list(problems(TABLE.read_text(), test_names(asgi_tests), check_names(checks)))
    print("\n".join(found) or "the table and the tests agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
