#!/usr/bin/env python3
"""Builds the program as it is after each move, and judges it: which checks does each move turn green?

usage: judge.py CHECKS [--write] [--all] [STEP...]
       judge.py CHECKS MOVE   only this: the program after a move, as 3.2, passes the checks up to it
       judge.py try MOVE PROGRAM   what the sections up to a move say is to be tried, on a program

CHECKS is the program that judges. A state is built without optimisation and with warnings as errors.
A check's move is the one after the last state in which it fails: --write puts that into
tests/checks/moves.inc and teaching/moves.md, and refuses a check that passes, fails again and passes in
the end, but for those in exceptions.txt. Without --write each state has to pass the checks whose moves
have been made.
The commands in the chapter's section of a move are run, too: what fails before it on the program
before, what to try on the program after it.
Step 6 has no checks of its own: those of all earlier steps judge the demo in Python after each of its
moves, and tests/moves/in_python.inc has what comes out.
With --all each state also has to pass the checks of all earlier steps: `./workshop moves --all`.
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

import moves
import page
import series
from page import IN_PYTHON, PAGE, TABLE, in_python, known_moves, names_of

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "chapters"))
import chapters  # noqa: E402
import guarded  # noqa: E402

AT_ONCE = 3  # programs that are judged: they mostly wait
FLAGS = "-O0 -Wall -Wextra -Wpedantic -Wshadow -Werror"
NO_PYTHON = "Python's headers, of 3.11 or later, or pybind11 are missing"  # says a step's CMakeLists.txt
# Checks that pass, fail again and pass in the end, or whose move has to be told; each with the reason.
EXCEPTIONS = series.ROOT / "tests/moves/exceptions.txt"


def build(step, number, state):
    """Returns the program of a state. One state is made of the other, so that only what a move has
    changed is compiled."""
    folder = series.ROOT / "build/moves" / step.name
    source, target, programs = folder / "program", folder / "build", folder / "programs"
    for path in (source, programs):
        path.mkdir(parents=True, exist_ok=True)
    series.write(state, source)
    launcher = os.environ.get("CMAKE_CXX_COMPILER_LAUNCHER")
    if not (target / "build.ninja").exists():
        run(["cmake", "-G", "Ninja", "-S", source, "-B", target, "-D", "CMAKE_BUILD_TYPE=Debug",
             "-D", f"CMAKE_CXX_FLAGS={FLAGS}",
             *([] if launcher is None else ["-D", f"CMAKE_CXX_COMPILER_LAUNCHER={launcher}"])])
    run(["cmake", "--build", target])
    program = programs / f"move_{number}"
    program.unlink(missing_ok=True)  # an earlier one may still run
    shutil.copy(target / source.name, program)
    return program


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise series.Fault(f"{' '.join(map(str, command))}\n{done.stdout[-4000:]}{done.stderr[-2000:]}")


def failing(checks, step, program, names, only):
    """Returns the checks that a program fails, as it is or with arguments; all, if it
    does not start or answers nothing."""
    select = ["--only-since" if only else "--step", str(step)]
    process = guarded.Popen([checks, *select, "--patience", "1",
                             "--server", f"{program} --port {{port}} {{options}}"],
                            stdout=subprocess.PIPE, text=True)
    report = process.communicate()[0]
    found = set(re.findall(r"^  FAIL  (.*?)(?:  +\[.*\])?$", report, re.M))
    if found in ({"the server starts"}, {"answers at all"}):
        return set(names)
    unknown = found - set(names) - {"the server ends in order after all checks"}
    if unknown or "passed, " not in report.splitlines()[-1]:
        raise series.Fault(f"{program} is not judged: {unknown}\n{report[-2000:]}")
    return found & set(names)


def try_section(step, number, programs):
    """Returns the faults of the commands in a move's section. `programs` has the program for each kind
    of block that is run."""
    text, faults = moves.section(step, number), []
    for kind, program in programs.items():
        found = chapters.commands_of(text, kind) if program else {}
        statuses = (0, -signal.SIGINT)  # the first programs do not catch a signal
        try:
            faults += chapters.run_commands(f"move {step.name[5]}.{number}", found, program, step, statuses)
        except chapters.Fault as fault:
            faults.append(f"move {step.name[5]}.{number}: {fault}")
    return faults


class Judged(page.Known):
    """What the checks say of each state of a step's series."""

    def __init__(self, checks, step, every):
        super().__init__(checks, step)
        self.step = step
        self.demo = f" --app-dir {step / 'applications'} demo:app" if in_python(step) else ""
        self.red = [self.own]
        self.faults = []
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            for number, judged in enumerate(self.start_judging(checks, every, pool), 1):
                self.add(number, *judged.result())

    def start_judging(self, checks, every, pool):
        """Builds the programs one after the other, and returns what will come of judging them."""
        states = series.states_of(self.step, moves=self.moves)
        before = build(self.step, 0, states[0]) if series.before(self.step) else None
        judged = []
        for number, state in enumerate(states[1:], 1):
            program = build(self.step, number, state)
            judged.append(pool.submit(self.judge, checks, number, before, program, every))
            before = program
        return judged

    def judge(self, checks, number, before, program, every):
        """Returns the checks that a program fails: of this step, and of earlier ones; and the faults of
        its section's commands."""
        if self.demo:
            red = failing(checks, self.number, f"{program}{self.demo}", self.names, only=False)
            earlier = failing(checks, self.number, program, self.names, only=False) if every else set()
        else:
            failed = failing(checks, self.number, program, self.names, only=not every)
            red, earlier = failed & self.own, failed - self.own
        programs = {"console before": before, "console": program, "console after": program}
        return red, sorted(earlier), try_section(self.step, number, programs)

    def add(self, number, red, earlier, faults):
        if earlier:
            self.faults.append(f"after move {self.number}.{number} these of earlier steps fail: {earlier}")
        self.red.append(red)
        self.faults += faults
        print(f"{self.number}.{number:<3} {self.moves[number - 1].title:44}"
              f" {len(self.own) - len(self.red[-1]):4} of {len(self.own)} pass", flush=True)

    def compute_moves(self):
        """Sets `move_of` to what has come out."""
        self.move_of = {name: max(k for k, red in enumerate(self.red) if name in red) + 1
                        for name in self.own}
        told, excused = self.exceptions()
        for name, move in sorted(self.move_of.items()):
            if move == len(self.red):
                self.faults.append(f"the last state fails '{name}'")
            again = [k for k in range(1, move) if name not in self.red[k]]
            if again and name not in excused:
                self.faults.append(f"'{name}' passes after move {again[0]} and fails after {move - 1}")
            self.move_of[name] = max(move, told.get(name, 0))

    def exceptions(self):
        """Returns the moves of checks that pass before by chance, and the names of all exceptions."""
        told, excused = {}, set()
        for line in EXCEPTIONS.read_text().splitlines():
            number, _, name = line.partition(" ")
            step, _, move = number.partition(".")
            if step == str(self.number):
                excused.add(name)
                told.update({name: int(move)} if move else {})
        return told, excused

    def expect_moves(self, known):
        """Sets `move_of` to what is known, and looks whether it is so."""
        self.move_of = {name: known[name] for name in self.own if name in known}
        self.faults += [f"'{name}' has no move: judge.py --write" for name in self.own - set(known)]
        for name, move in sorted(self.move_of.items()):
            late = [k for k in range(move, len(self.red)) if name in self.red[k]]
            if late:
                self.faults.append(f"'{name}' is one of move {move}, and fails after move {late[0]}")

def table(path, judged):
    """Returns the text of a table for these steps; the others keep their lines."""
    moves_of = known_moves(path)
    for one in judged:
        moves_of.update(one.move_of)
    quoted = {re.sub(r'(["\\])', r"\\\1", name): move for name, move in moves_of.items() if name}
    return "".join(f'    {{"{name}", {move}}},\n' for name, move in sorted(quoted.items()))


def judge_all(checks, steps, every):
    """Judges the steps, but for one that needs Python's headers where there are none."""
    judged = []
    for step in steps:
        try:
            judged.append(Judged(checks, step, every))
        except series.Fault as fault:
            if NO_PYTHON not in str(fault):
                raise
            print(f"{step.name} is skipped: {NO_PYTHON}")
    return judged


def judge_one(checks, number):
    """Returns the exit status: of the checks up to a move, on the program as it is after it."""
    step, move = series.parse(number)
    try:
        program = build(step, move, series.state_at(number))
    except series.Fault as fault:
        if NO_PYTHON not in str(fault):
            raise
        print(f"skipped: {NO_PYTHON}")
        return 77
    return guarded.Popen([checks, "--step", number,
                          "--server", f"{program} --port {{port}} {{options}}"]).wait()


def try_moves(number, program):
    """Returns the exit status: of what is to be tried after each move up to one."""
    step, last = series.parse(number)
    program = pathlib.Path(program).resolve()
    tried, faults = 0, []
    for move in range(1, last + 1):
        programs = {"console": program} | ({"console after": program} if move == last else {})
        tried += any(chapters.commands_of(moves.section(step, move), kind) for kind in programs)
        faults += try_section(step, move, programs)
    for fault in faults:
        print(f"  FAIL  {fault}\n")
    told = f"{len(faults)} of them failed" if faults else "all as it should be"
    what = f"moves {step.name[5]}.1 to {step.name[5]}.{last}" if last > 1 else f"move {number}"
    print(f"tried what {what} say{'s' * (last == 1)}: {told}" if tried else
          f"{what}: all that is to be tried, you try by hand")
    return 1 if faults else 0


def main(arguments):
    if arguments[:1] == ["try"] and len(arguments) == 3:
        return try_moves(*arguments[1:])
    options = {argument for argument in arguments if argument.startswith("--")}
    checks, *wanted = [argument for argument in arguments if argument not in options] or [""]
    if not checks or options - {"--write", "--all"}:
        print(__doc__, file=sys.stderr)
        return 2
    # A shell lets what runs in the background ignore Ctrl-C, and a program would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        if len(wanted) == 1 and "." in wanted[0]:
            return judge_one(checks, wanted[0])
        steps = [series.parse(number)[0] for number in wanted] or series.steps()
        judged = judge_all(checks, [step for step in steps if series.moves_of(step)], "--all" in options)
    except series.Fault as fault:
        print(f"FAIL  {fault}")
        return 1
    for one in judged:
        if "--write" in options:
            one.compute_moves()
        else:
            one.expect_moves(known_moves(IN_PYTHON if one.demo else TABLE))
    faults = [f"step {one.number}: {fault}" for one in judged for fault in one.faults]
    if "--write" in options:
        TABLE.write_text(table(TABLE, [one for one in judged if not one.demo]))
        IN_PYTHON.write_text(table(IN_PYTHON, [one for one in judged if one.demo]))
        PAGE.write_text(page.text_of(judged))
    elif PAGE.read_text() != page.text_of(judged):
        faults.append(f"{PAGE.relative_to(series.ROOT)} is not what came out: judge.py --write")
    for fault in faults:
        print(f"FAIL  {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
