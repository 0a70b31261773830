#!/usr/bin/env python3
"""Shows how the exercises of the chapters stand, on a server: todo, done, or what is wrong.

usage: exercises.py                                     the list of all exercises
       exercises.py NUMBER --server COMMAND --checks PROGRAM

NUMBER is 2 for the exercises of step 02, or 2.3 for one of them. COMMAND starts the server: {port}
stands for its port, {options} for options. PROGRAM is `checks`, built.
"""

import argparse
import sys

import step01, step02, step03, step04, step05  # noqa: E401,F401 - they fill ALL
from conversation import Todo, Wrong
from exercise import ALL
from report import print_state, print_wrong


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
    done = [judge(exercise, arguments.server, arguments.checks) for exercise in exercises]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
