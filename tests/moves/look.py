#!/usr/bin/env python3
"""Prints one function or type of a step, with the comment above it: for who is stuck.

usage: look.py STEP_DIRECTORY NAME
"""

import ast
import pathlib
import re
import signal
import sys


def parts_of(text):
    """Yields what stands at the left margin of a file, each with its comment: it ends with a brace
    there or, where none was opened, with a semicolon."""
    part, opened = [], False
    for line in text.splitlines():
        if not part and (line.startswith(("#", "}", "namespace")) or not line):
            continue
        part.append(line)
        if line.startswith("//"):
            continue
        code = line.partition("  // ")[0]
        opened = opened or code.endswith("{")
        if line.startswith("}") or not opened and code.endswith((";", "}")):
            yield "\n".join(part)
            part, opened = [], False
        elif not line and all(one.startswith("//") or not one for one in part):
            part = []  # a comment that stands alone


def parts_in_python(text):
    """Yields the functions and classes of a module, as they stand at the left margin."""
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield "\n".join(lines[first - 1:node.end_lineno])


def head_of(part):
    """Returns the first line of a part that is no comment."""
    return next(line for line in part.splitlines() if not line.startswith("//"))


def find(step, name):
    """Yields the file and the text of each part of a step that defines the name."""
    short = re.escape(name.removesuffix("()").removeprefix("http::").removeprefix("asgi::"))
    heads = re.compile(rf"^(?:[A-Za-z].*?[\s*&:])?{short}\(|^(?:class|struct|enum(?: class)?) {short}\b")
    for path in sorted(step.glob("src/**/*.[ch]pp")):
        for part in parts_of(path.read_text()):
            code = [line for line in part.splitlines() if not line.startswith("//")]
            is_definition = "{" in part
            if is_definition and any(heads.search(line) for line in code if line[:1].isalpha()):
                yield path, part


def find_in_python(step, name):
    """Yields the same for the functions, methods and classes in Python."""
    short = name.removesuffix("()").split(".")[-1]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for path in sorted(step.glob("src/**/*.py")):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, kinds) and node.name == short:
                yield path, ast.get_source_segment(text, node, padded=True)


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    step, name = pathlib.Path(arguments[0]), arguments[1]
    found = [*find(step, name), *find_in_python(step, name)]
    for path, part in found:
        print(f"{path}\n\n{part}\n")
    if not found:
        print(f"workshop: {step} has no function or type '{name}'", file=sys.stderr)
    return 0 if found else 1


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as of all that is piped into head
    sys.exit(main(sys.argv[1:]))
