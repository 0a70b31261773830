"""What an exercise is, and how it is judged: todo, done, or wrong."""

import dataclasses
import pathlib
import re
import subprocess
import typing

from conversation import Server, Todo, Wrong

ALL = {}  # by number, as "2a"
LAST_STEP = "5"  # that has checks


@dataclasses.dataclass
class Subject:
    """The server that is judged."""

    command: str  # {port} stands for its port, {options} for options
    checks: str  # the program of that name
    sources: pathlib.Path | None = None  # what it is made of; None: that is not known
    build: typing.Callable | None = None  # builds that with AddressSanitizer


@dataclasses.dataclass
class Exercise:
    number: str
    title: str
    look_at: str
    judge: typing.Callable  # of a Subject; raises Todo or Wrong; returns a report, or what to print
    breaks: bool = False  # the student breaks the server, and puts the line back


def exercise(number, title, look_at, options=""):
    """Makes an exercise of a function that talks with the server and says what is not right."""

    def add(function):
        def judge(subject):
            with Server(subject.command, options) as server:
                function(server)

        ALL[number] = Exercise(number, title, look_at, judge)
        return function

    return add


def exercise_of_sources(number, title, look_at):
    """The same, where a function builds something of the server's sources."""

    def add(function):
        def judge(subject):
            if subject.sources is None:
                raise Todo("its sources are not known")
            return function(subject)

        ALL[number] = Exercise(number, title, look_at, judge)
        return function

    return add


def break_seen_by_checks(number, title, look_at, check, kept):
    """An exercise that breaks a line: done as soon as `check` fails, one of those of `checks`. If
    `kept` fails too, it is another exercise that has changed the server."""

    def judge(subject):
        step = number[0]
        report = run_checks(subject, step)
        failed = failures(report)
        if not failed or kept in failed:
            raise Todo
        if check in failed:
            return without_other_failures(report, check)
        lasting = failures(run_checks(subject, LAST_STEP, failed))
        if not lasting:
            raise Todo  # a server of a later step: what fails is a rule that has ended
        said = [["the checks", "\n".join(lasting).encode()], ["", ""]]
        raise Wrong(said, f'"{check}"', "another line than that of the exercise is broken")

    ALL[number] = Exercise(number, title, look_at, judge, breaks=True)


def run_checks(subject, step, names=()):
    """The report of the checks that hold in a step; of all, or of these."""
    words = [subject.checks, "--server", subject.command, "--step", step, "--all"]
    if names:
        words.append("-tc=" + ",".join(name.replace(",", "\\,") for name in names))
    return subprocess.run(words, stdout=subprocess.PIPE, text=True).stdout


def failures(report):
    return re.findall(r"^  FAIL  (.*?)(?:   *\[.*)?$", report, re.M)


def without_other_failures(report, check):
    """A report of `checks --all` with the failure of one check, and a count of the others."""
    heading, *failures = re.split(r"(?=^  FAIL)", report, flags=re.M)
    shown = next(failure for failure in failures if failure.startswith(f"  FAIL  {check}  "))
    bars = re.findall(r"^  step.*\n", report, re.M)
    more = f"  and {len(failures) - 1} more\n\n" if len(failures) > 1 else ""
    return heading + shown.partition("\n\n")[0] + f"\n\n{more}" + "".join(bars)


def break_seen_here(number, title, look_at, options=""):
    """The same, where a function of ours sees it, which raises Wrong."""

    def add(function):
        def judge(subject):
            try:
                with Server(subject.command, options) as server:
                    function(server)
            except Wrong as wrong:
                return wrong
            raise Todo("nothing is broken")

        ALL[number] = Exercise(number, title, look_at, judge, breaks=True)
        return function

    return add
