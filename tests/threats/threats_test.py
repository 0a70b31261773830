#!/usr/bin/env python3
"""Whether the page on threats and the repository say the same.

usage: threats_test.py BUILD STEP PROGRAM   (the binary directory, the last step's, its program)
"""

import ast
import pathlib
import re
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "asgi"))
from contracts import check_names, output_of, test_names  # noqa: E402

PAGE = pathlib.Path(__file__).with_name("README.md").read_text()
FILES = {"websocket": "websocket/websocket_test.py", "demo": "asgi/demo_test.py",
         "access_log": "asgi/access_log_test.py",
         "faults": "soak/faults_test.py", "workers": "workers/workers_test.py",
         "proxy": "proxy_headers/behind_proxy_test.py"}


def methods(path):
    """The tests of a file of unittest's, as Class.test_name."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{method.name}" for method in node.body
                        if isinstance(method, ast.FunctionDef) and method.name.startswith("test"))


def known_tests(build, label):
    """All the names there are, by what stands before them on the page."""
    listed = output_of("ctest", "--test-dir", str(build), "--show-only")
    known = {kind: set(methods(TESTS / file)) for kind, file in FILES.items()}
    known["ctest"] = {line.split(": ")[1] for line in listed if line.startswith("  Test")}
    known["checks"] = check_names(build / "tests/checks/checks")
    for kind in ("asgi", "units"):
        known[kind] = test_names(build / f"tests/{kind}/{kind}_{label}")
    return known


def wrong_tests(known):
    kinds = "|".join(known)
    for kind, name in re.findall(rf"`({kinds}): ([^`]+)`", PAGE):
        if name not in known[kind] and name != "...":
            yield f"there is no test '{kind}: {name}'"


def wrong_rows():
    for line in PAGE.splitlines():
        if line.startswith("| ") and "---" not in line and not line.startswith("| an attacker"):
            cells = line.strip("|").split(" | ")
            if len(cells) != 3 or not re.search(r"`\w+: ", cells[2]):
                yield f"a row without a test: {line[:60]}"


def wrong_functions(step):
    """A function stands in the file, from the step on that the brackets behind it say. The last step
    that is built may be an earlier one."""
    places = re.findall(r"`(\w+)(?:\(\))?` in `([\w/.]+)`(?: \((\d\d)\))?", PAGE)
    for name, file, since in places:
        built = [] if is_later(since, step) else [step]
        for directory in *built, *step.parent.glob(f"step{since or '-'}_*"):
            source = directory / "src" / file
            if not source.exists() or not re.search(rf"\b{name}\b", source.read_text()):
                yield f"there is no '{name}' in {file} of {directory.name}"


def is_later(since, step):
    """Whether a step's number is beyond the one that is built last."""
    return since > step.name[4:6]


def wrong_options(step, program):
    help_text = "\n".join(output_of(program, "--help"))
    defaults = dict(re.findall(r"^ *(--[\w-]+) .*?(?:\((.*)\))?$", help_text, re.M))
    rows = [line for line in PAGE.splitlines()
            if not any(is_later(since, step) for since in re.findall(r"\((?:step )?(\d\d)\)", line))]
    for option, value in re.findall(r"`(--[\w-]+)[^`]*`(?: \((\d+)\))?", "\n".join(rows)):
        if option not in defaults and option != "--help":
            yield f"there is no option {option}"
        elif value and value != defaults[option]:
            yield f"{option} is {defaults[option]}, not {value}"


def main():
    build, step, program = map(pathlib.Path, sys.argv[1:])
    found = [*wrong_tests(known_tests(build, step.name[:6])), *wrong_rows(),
             *wrong_functions(step), *wrong_options(step, program)]
    print("\n".join(found) or "the page and the repository agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
