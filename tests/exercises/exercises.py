#!/usr/bin/env python3
"""Shows how the exercises of the chapters stand, on a server: todo, done, or what is wrong.

usage: exercises.py                                     the list of all exercises
       exercises.py NUMBER --server COMMAND --checks PROGRAM [--sources DIRECTORY] [--done FILE]
       exercises.py NUMBER --hint

NUMBER is 2 for the exercises of step 02, or 2c for one of them. COMMAND starts the server: {port}
stands for its port, {options} for options. PROGRAM is `checks`, built. DIRECTORY is what the server
is made of: some exercises look at that. FILE keeps the numbers of those that were done once. A hint
is what the chapter says.
"""

import argparse
import functools
import pathlib
import re
import shutil
import subprocess
import sys

import step01, step02, step03, step04, step05, step06  # noqa: E401,F401 - they fill ALL
from conversation import Server, Todo, Wrong
from exercise import ALL, Subject
from report import print_state, print_wrong

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What a server of each step does that one of the step before does not, whatever an exercise breaks.
SIGNS = {
    "2": "says the length of the answer",
    "3": "answers one request after the other",
    "4": "sends a body in pieces with its length",
    "5": "echoes a text",
    "6": "runs an application in Python",
}
BUILD = pathlib.Path("build")  # in the directory that ./workshop runs in
ADDRESS = "-fsanitize=address -g"


def is_of_step(step, command, checks):
    """Whether the server is one of that step, or of a later one. Any may be one of step 1."""
    if step not in SIGNS:
        return True
    if step == "6":  # no check asks for it
        return runs_python(command)
    words = [checks, "--server", command, "--step", step, "-tc=" + SIGNS[step]]
    return subprocess.run(words, stdout=subprocess.DEVNULL).returncode == 0


def runs_python(command):
    try:
        with Server(command, "hello:app"):
            return True
    except Wrong:
        return True  # it tries
    except Todo:
        return False


def build_sanitized(sources):
    """Builds these sources with AddressSanitizer, beside the usual build; returns the program."""
    folder = BUILD / f"{sources.name}_sanitized"
    print(f"building {sources} with AddressSanitizer, which takes a minute or two the first time",
          flush=True)
    launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    configure = ["cmake", "-G", "Ninja", "-S", sources, "-B", folder, f"-DCMAKE_CXX_FLAGS={ADDRESS}"]
    for words in ([*configure, *launcher], ["cmake", "--build", folder]):
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            sys.exit(f"{done.stdout}\nexercises: this build failed")
    return folder / sources.name


def print_way_back(step):
    print(f"  this server is not one of step {step}: \"{SIGNS[step]}\" is what it fails in\n"
          f"  ./workshop check       shows what it lacks\n"
          f"  ./workshop start {step}     makes my_server/ a copy of step {step}; yours is kept")


def hint_of(exercise, root=ROOT):
    """Returns what the chapter gives as a hint; of a line to break, where it stands."""
    chapter = next(root.glob(f"step0{exercise.number[0]}_*/README.md")).read_text()
    section = re.search(rf"^### {re.escape(exercise.number)} .*?(?=^### |\Z)", chapter, re.M | re.S)
    found = re.search(r"<summary>A hint</summary>\s*(.*?)\s*</details>", section[0], re.S)
    if not found:
        return f"The line stands in {exercise.look_at}; the chapter shows it as it is when broken."
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", found[1])


def were_done(file):
    """Returns the numbers of the exercises that were done once."""
    return file.read_text().split() if file and file.is_file() else []


def remember(number, file):
    if file and number not in were_done(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as kept:
            print(number, file=kept)


def judge(exercise, subject, done=None):
    """Prints how one exercise stands; returns whether it is done."""
    try:
        seen = exercise.judge(subject)
    except Todo:
        was_done = exercise.number in were_done(done)
        if was_done and exercise.breaks:
            print_state("done", exercise, ": it was broken as asked, and the line is back")
            return True
        print_state("todo", exercise, ", and was done" if was_done else "")
        return False
    except Wrong as wrong:
        print_wrong(exercise, wrong)
        return False
    if isinstance(seen, Wrong):
        print_wrong(exercise, seen)
    elif seen:
        print(seen)
    put_back = ": broken as asked; now put the line back" if exercise.breaks else ""
    print_state("done", exercise, put_back)
    remember(exercise.number, done)
    return True


def chosen(number):
    """The exercises with this number, or of this step."""
    return [e for key, e in ALL.items() if number in (key, key[0])]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("number", nargs="?")
    parser.add_argument("--server")
    parser.add_argument("--checks")
    parser.add_argument("--done", type=pathlib.Path)
    parser.add_argument("--hint", action="store_true")
    parser.add_argument("--sources", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.number is None:
        print(*[f"  {exercise.number}  {exercise.title}" for exercise in ALL.values()], sep="\n")
        print("The texts stand at the end of each step's chapter, its README.md.")
        return 0
    exercises = chosen(arguments.number)
    if not exercises:
        print(f"there is no exercise '{arguments.number}'; without one, they are listed")
        return 2
    if arguments.hint:
        print(*[f"{e.number}  {e.title}\n\n{hint_of(e)}" for e in exercises], sep="\n\n")
        return 0
    step = arguments.number[0]
    if not is_of_step(step, arguments.server, arguments.checks):
        print_way_back(step)
        return 1
    subject = Subject(arguments.server, arguments.checks, arguments.sources,
                      functools.partial(build_sanitized, arguments.sources))
    done = [judge(exercise, subject, arguments.done) for exercise in exercises]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
