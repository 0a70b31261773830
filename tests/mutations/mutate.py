"""A mutation score: what part of the changes that make the last step wrong do its tests notice?

  mutate.py REPOSITORY BUILD [--count N] [--seed S] [--file PART] [--only ID] [--jobs N] [--list]

Draws mutants from every file of src/ by a seed, builds each, and runs the step's tests on it until
one fails. Fails when one survives that explained.ini does not explain, or too many do.
"""

import argparse
import collections
import concurrent.futures
import configparser
import json
import pathlib
import sys
import tempfile
import threading
import time

import mutants

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "patched"))
import judge  # noqa: E402
import patched  # noqa: E402

STEP = "step05_websocket"
KILLED_AT_LEAST = 0.95  # of those that compile; the others are explained, each of them


def read_explained():
    """Why a mutant cannot be killed, by what it changes."""
    entries = configparser.ConfigParser(interpolation=None, delimiters=["="])
    entries.read(HERE / "explained.ini")
    return {(entry["file"], entry["old"], entry["new"]): entry["reason"]
            for name, entry in entries.items() if name != "DEFAULT"}


class Run:
    """Judges mutants, several at a time, and keeps what came of them."""

    def __init__(self, root, build_directory, jobs):
        self.step = root / STEP
        self.build = build_directory
        self.suite = judge.Suite(self.step, build_directory)
        self.explained = read_explained()
        self.jobs = jobs
        self.killers = collections.defaultdict(list)  # of each file: the tests that found the last
        self.lock = threading.Lock()
        self.results = []

    def verdict(self, mutant):
        with tempfile.TemporaryDirectory(prefix="mutant") as scratch:
            tree = patched.copy_step(self.step, scratch)
            file = tree / "src" / mutant.file
            file.write_text(mutant.apply(file.read_text()))
            try:
                killer, why = self.suite.find_killer(tree, self.killers[mutant.file])
            except patched.Failed:
                return "does not compile", ""
        if killer:
            self.killers[mutant.file] = [killer]
            return "killed", f"{killer}: {why}"
        reason = self.explained.get((mutant.file, mutant.old, mutant.new))
        return ("explained", reason) if reason else ("survived", why or "")

    def judge(self, mutant):
        begin = time.monotonic()
        verdict, why = self.verdict(mutant)
        seconds = round(time.monotonic() - begin, 1)
        with self.lock:
            self.results.append({"id": mutant.name, "file": mutant.file, "line": mutant.line,
                                 "kind": mutant.kind, "old": mutant.old, "new": mutant.new,
                                 "verdict": verdict, "why": why, "seconds": seconds})
            place = f"{mutant.file}:{mutant.line}"
            print(f"{verdict:<17}{mutant.name}  {seconds:>6} s  {place}  {why[:90]}", flush=True)
            if verdict == "survived":
                print(describe(mutant.old, mutant.new), flush=True)

    def judge_all(self, drawn):
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            for _ in pool.map(self.judge, drawn):
                pass


def describe(old, new):
    return f"    - {old}\n    + {new}"


def print_table(results):
    rows = collections.defaultdict(collections.Counter)
    for result in results:
        rows[result["file"]][result["verdict"]] += 1
    verdicts = ["killed", "explained", "survived", "does not compile"]
    print(f"\n{'file':<30}{'mutants':>8}", *(f"{verdict:>10}" for verdict in verdicts))
    total = collections.Counter(result["verdict"] for result in results)
    for file, row in [*sorted(rows.items()), ("all", total)]:
        counts = (f"{row[verdict]:>{max(10, len(verdict))}}" for verdict in verdicts)
        print(f"{file:<30}{sum(row.values()):>8}", *counts)
    return total


def summarize(results, seconds):
    """Prints the table, the survivors and the score. Whether that is good enough."""
    total = print_table(results)
    for result in sorted(results, key=lambda result: (result["file"], result["line"])):
        if result["verdict"] not in ("survived", "explained"):
            continue
        print(f"\n{result['verdict']}: {result['file']}:{result['line']}  ({result['id']})")
        print(describe(result["old"], result["new"]))
        if result["why"]:
            print(f"    {result['why']}")
    compiled = sum(total.values()) - total["does not compile"]
    score = total["killed"] / compiled if compiled else 0
    print(f"\n{compiled} mutants, {total['killed']} killed, {total['explained']} explained, "
          f"{total['survived']} survived: {100 * score:.1f} % in {seconds / 60:.0f} minutes")
    return total["survived"] == 0 and (score >= KILLED_AT_LEAST or total["explained"] <= 1)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=160, help="how many to draw (160)")
    parser.add_argument("--seed", default="1", help="another seed draws others (1)")
    parser.add_argument("--file", default="", help="only files with this in their name")
    parser.add_argument("--only", default="", help="the mutant with this id, drawn or not")
    parser.add_argument("--few", type=int, help="only so many of them, from all over")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at a time (1)")
    parser.add_argument("--list", action="store_true", help="name them, and judge none")
    return parser.parse_args()


def choose(arguments):
    """The mutants to judge."""
    source = arguments.root / STEP / "src"
    count = 10**6 if arguments.only else arguments.count
    drawn = mutants.draw(source, count, arguments.seed)
    drawn = [mutant for mutant in drawn
             if arguments.file in mutant.file and mutant.name.startswith(arguments.only)]
    if arguments.few:
        explained = read_explained()  # to see these survive takes all of the tests
        drawn = [mutant for mutant in drawn
                 if (mutant.file, mutant.old, mutant.new) not in explained]
        drawn = sorted(drawn, key=lambda mutant: mutant.digest(arguments.seed))[: arguments.few]
    return drawn


def main():
    arguments = parse_arguments()
    arguments.root, arguments.build = arguments.root.resolve(), arguments.build.resolve()
    drawn = choose(arguments)
    if arguments.list:
        for mutant in drawn:
            print(f"{mutant.name}  {mutant.kind:<10}{mutant.file}:{mutant.line}")
            print(describe(mutant.old, mutant.new))
        return 0
    judge.end_tests_on_signals()
    begin = time.monotonic()
    run = Run(arguments.root, arguments.build, arguments.jobs)
    try:
        run.judge_all(drawn)
    finally:
        file = arguments.root / "build" / "mutations.json"
        file.write_text(json.dumps({"seed": arguments.seed, "mutants": run.results}, indent=1))
    good = summarize(run.results, time.monotonic() - begin)
    return 0 if good and drawn else 1


if __name__ == "__main__":
    sys.exit(main())
