"""What an exercise is, and how it is judged: todo, done, or wrong."""

import dataclasses
import re
import subprocess
import typing

from conversation import Server, Todo, Wrong

ALL = {}  # by number, as "2.1"


@dataclasses.dataclass
class Exercise:
    number: str
    title: str
    look_at: str
    judge: typing.Callable  # raises Todo or Wrong; returns what a broken server is reported for
    breaks: bool = False  # the student breaks the server, and puts the line back


def exercise(number, title, look_at, options=""):
    """Makes an exercise of a function that talks with the server and says what is not right."""

    def add(function):
        def judge(command, _checks):
            with Server(command, options) as server:
                function(server)

        ALL[number] = Exercise(number, title, look_at, judge)
        return function

    return add


def break_seen_by_checks(number, title, look_at, check, kept):
    """An exercise that breaks a line: done as soon as `check` fails, one of those of `checks`. If
    `kept` fails too, it is another exercise that has changed the server."""

    def judge(command, checks):
        step = number.split(".", maxsplit=1)[0]
        words = [checks, "--server", command, "--step", step, "--all"]
        report = subprocess.run(words, stdout=subprocess.PIPE, text=True).stdout
        failed = re.findall(r"^  FAIL  (.*?)(?:   *\[.*)?$", report, re.M)
        if not failed or kept in failed:
            raise Todo
        if check in failed:
            return without_other_failures(report, check)
        said = [["the checks", "\n".join(failed).encode()], ["", ""]]
        raise Wrong(said, f'"{check}"', "another line than that of the exercise is broken")

    ALL[number] = Exercise(number, title, look_at, judge, breaks=True)


def without_other_failures(report, check):
    """A report of `checks --all` with the failure of one check, and a count of the others."""
    heading, *failures = re.split(r"(?=^  FAIL)", report, flags=re.M)
    shown = next(failure for failure in failures if failure.startswith(f"  FAIL  {check}  "))
    bars = re.findall(r"^  step.*\n", report, re.M)
    more = f"  and {len(failures) - 1} more\n\n" if len(failures) > 1 else ""
    return heading + shown.partition("\n\n")[0] + f"\n\n{more}" + "".join(bars)


def break_seen_here(number, title, look_at):
    """The same, where a function of ours sees it, which raises Wrong."""

    def add(function):
        def judge(command, _checks):
            try:
                with Server(command) as server:
                    function(server)
            except Wrong as wrong:
                return wrong
            raise Todo("nothing is broken")

        ALL[number] = Exercise(number, title, look_at, judge, breaks=True)
        return function

    return add
