#!/usr/bin/env python3
"""Holds the steps to what a request may cost: instructions and allocations, as in budget.ini.

usage: budget.py [--update] [BUILD]   (the binary directory; default: build/default)

Instructions depend on the compiler: with another one than the recorded one there is nothing to
compare with, and the exit status is 77. --update records what is measured now.
"""

import concurrent.futures
import configparser
import pathlib
import shutil
import sys

import instructions
import servers

BUDGET = pathlib.Path(__file__).with_name("budget.ini")
ALLOWED = 1.05  # of the instructions that are recorded: processors copy in different ways
BATCHES = {"alone": 1, "pipelined": 16}
# Alone, its loop may have a turn more for a client that is slow: on a busy machine that is no count.
PIPELINED_ONLY = {"hello.py"}
HEAD = """# What a request for / costs, alone and as one of 16 pipelined, as callgrind counts it;
# see README.md. `budget.py --update` writes this file.

"""


def programs(build):
    """Returns {name: command} of what is measured: the steps, and the smallest application in Python."""
    steps = [step for step in servers.steps(build) if step.keeps_alive and not step.echo]
    commands = {step.name: step.on_port(0) for step in steps}
    for step in steps:
        folder = servers.ROOT / step.name / "applications"
        if folder.is_dir():
            commands["hello.py"] = [*step.on_port(0), "hello:app", "--app-dir", str(folder)]
    return commands


def measure(build):
    """Returns {name: {"alone instructions": number, ...}}."""
    commands = programs(build)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        costs = {(program, name): pool.submit(instructions.measure, command, instructions.HELLO, batch)
                 for program, command in commands.items() for name, batch in BATCHES.items()
                 if name == "pipelined" or program not in PIPELINED_ONLY}
    found = {program: {} for program in commands}
    for (step, name), cost in costs.items():
        found[step][f"{name} instructions"] = round(cost.result().instructions)
        found[step][f"{name} allocations"] = round(cost.result().allocations)
    return found


def judge(budget, found):
    """Yields a line for each figure, and whether it is within the budget."""
    for step, figures in found.items():
        for name, figure in figures.items():
            recorded = budget.getint(step, name)
            limit = int(recorded * ALLOWED)
            verdict = "ok" if figure <= limit else f"TOO MUCH: at most {limit:,}"
            yield (f"{step:18} {name:24} {figure:>7,}   recorded {recorded:>7,}   {verdict}",
                   figure <= limit)


def update(toolchain, found):
    budget = configparser.ConfigParser()
    budget["toolchain"] = {"built with": toolchain}
    budget.read_dict(found)
    with BUDGET.open("w") as file:
        file.write(HEAD)
        budget.write(file)


def main(arguments):
    paths = [argument for argument in arguments if not argument.startswith("--")]
    build = pathlib.Path(paths[0] if paths else servers.ROOT / "build/default").resolve()
    toolchain = (build / "tests/bench/toolchain.txt").read_text().strip()
    budget = configparser.ConfigParser()
    budget.read(BUDGET)
    if not shutil.which("valgrind"):
        print("skipped: valgrind is not installed")
        return 77
    if "--update" in arguments:
        update(toolchain, measure(build))
        return 0
    if budget.get("toolchain", "built with") != toolchain:
        print(f"skipped: built with {toolchain}; the budget is for another toolchain")
        return 77
    lines = list(judge(budget, measure(build)))
    print(*(line for line, _ in lines), sep="\n")
    if lines and all(kept for _, kept in lines):
        return 0
    print("If it is worth its price: tests/bench/budget.py --update")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
