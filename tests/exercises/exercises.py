#!/usr/bin/env python3
"""Shows how the exercises of the chapters stand, on a server: todo, done, or what is wrong.

usage: exercises.py                                     the list of all exercises
       exercises.py NUMBER --server COMMAND --checks PROGRAM

NUMBER is 2 for the exercises of step 02, or 2.3 for one of them. COMMAND starts the server: {port}
stands for its port, {options} for options. PROGRAM is `checks`, built.
"""

import argparse
import subprocess
import sys

import step01, step02, step03, step04, step05  # noqa: E401,F401 - they fill ALL
from conversation import Todo, Wrong
from exercise import ALL
from report import print_state, print_wrong

# What a server of each step does that one of the step before does not, whatever an exercise breaks.
SIGNS = {
    "2": "says the length of the answer",
    "3": "answers one request after the other",
    "4": "sends a body in pieces with its length",
    "5": "echoes a text",
}


def is_of_step(step, command, checks):
    """Whether the server is one of that step, or of a later one. Any may be one of step 1."""
    if step not in SIGNS:
        return True
    words = [checks, "--server", command, "--step", step, "-tc=" + SIGNS[step]]
    return subprocess.run(words, stdout=subprocess.DEVNULL).returncode == 0


def print_way_back(step):
    print(f"  this server is not one of step {step}: \"{SIGNS[step]}\" is a check that it fails\n"
          f"  ./workshop check       shows what it lacks\n"
          f"  ./workshop start {step}     makes my_server/ a copy of step {step}; yours is kept")


def judge(exercise, command, checks):
    """Prints how one exercise stands; returns whether it is done."""
    try:
        seen = exercise.judge(command, checks)
    except Todo:
        print_state("todo", exercise)
        return False
    except Wrong as wrong:
        print_wrong(exercise, wrong)
        return False
    if isinstance(seen, Wrong):
        print_wrong(exercise, seen)
    elif seen:
        print(seen)
    print_state("done", exercise, ": broken as asked; now put the line back" if seen else "")
    return True


def chosen(number):
    """The exercises with this number, or of this step."""
    return [e for key, e in ALL.items() if number in (key, key.split(".", maxsplit=1)[0])]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("number", nargs="?")
    parser.add_argument("--server")
    parser.add_argument("--checks")
    arguments = parser.parse_args()
    if arguments.number is None:
        print(*[f"  {exercise.number}  {exercise.title}" for exercise in ALL.values()], sep="\n")
        print("The texts stand at the end of each step's chapter, its README.md.")
        return 0
    exercises = chosen(arguments.number)
    if not exercises:
        print(f"there is no exercise '{arguments.number}'; without one, they are listed")
        return 2
    step = arguments.number[0]
    if not is_of_step(step, arguments.server, arguments.checks):
        print_way_back(step)
        return 1
    done = [judge(exercise, arguments.server, arguments.checks) for exercise in exercises]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
