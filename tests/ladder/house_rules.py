#!/usr/bin/env python3
"""Rules for the C++ of the steps and of the room's wall, and for ./workshop, that nothing else
enforces.

usage: house_rules.py [ROOT]   (the directory of the steps; default: two above this file)

- No co_await in the condition of an if, while, for or switch: g++ 12 compiles some of these to code
  that crashes or never goes on (GCC bug 106188).
- No function of more than 30 lines. The code is formatted: a function's first line that ends in "{"
  is followed by its body, which ends at the brace with the signature's indentation.
- Grammar never suspends: what is in http/, websocket/ and utf8 includes nothing of Asio's, and of
  this program only grammar. In asgi/ only the boundary itself, asgi.hpp and channel, may wait.
- ./workshop has nothing in it that bash 3.2 does not know: that is the one of macOS.
"""

import pathlib
import re
import sys

MOST_LINES = 30
COMMENT_OR_LITERAL = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""", re.DOTALL
)
CONDITION = re.compile(r"\b(if|while|for|switch)\b(?:\s*constexpr)?\s*\(")
BASH_4 = re.compile(
    r";;&|;&|\|&|&>>|\b(mapfile|readarray|coproc)\b|\b(declare|local) -[a-z]*[Agn]|\$\{\w+[,^@]"
)
GRAMMAR = re.compile(r"(http|websocket)/|utf8\.")
BOUNDARY = re.compile(r"asgi/(asgi\.hpp|channel\.)")
INCLUDE = re.compile(r"""^ *# *include *(<asio\b|"([^"]+)")""", re.M)
TYPE_OR_NAMESPACE = re.compile(r"^\s*(template\s*<.*>\s*)?(namespace|class|struct|union|enum|extern)\b")


def without_comments(text):
    """Blanks comments and literals; every line stays where it is."""
    return COMMENT_OR_LITERAL.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def in_parentheses(text, start):
    """Returns what stands between the parenthesis that opens before `start` and its partner."""
    depth = 1
    for end in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if depth == 0:
            return text[start:end]
    return text[start:]


def awaiting_conditions(text):
    """Yields the line and the keyword of each condition with a co_await in it."""
    for match in CONDITION.finditer(text):
        if re.search(r"\bco_await\b", in_parentheses(text, match.end())):
            yield line_of(text, match.start()), match.group(1)


def functions(text):
    """Yields the first line and the number of lines, signature and body, of each function."""
    lines = text.split("\n")
    first = end = None  # where the present signature begins, and what ends its body
    for number, line in enumerate(lines, 1):
        if end is not None:
            if line.startswith(end):
                if end != "};":  # not a table
                    yield first, number - first + 1
                first = end = None
        elif not line.strip() or line.endswith((";", ":", "}")) or line.lstrip().startswith("#"):
            first = None
        else:
            first = first or number
            if line.endswith("{"):
                end = end_of_block("\n".join(lines[first - 1 : number]))
                first = first if end else None


def end_of_block(head):
    """Returns how the line begins that ends a function or a table; None: it is something else."""
    if head.endswith("= {"):
        return "};"
    if "(" not in head or TYPE_OR_NAMESPACE.match(head):
        return None
    return re.match(" *", head).group() + "}"


def holes(name, source):
    """Yields the line and the fault of each place where a file of grammar reaches for what waits."""
    grammar = GRAMMAR.match(name)
    if grammar:
        for match in INCLUDE.finditer(source):
            if not match[2] or not GRAMMAR.match(match[2]):
                yield line_of(source, match.start(1)), f"grammar has no {match[1]}"
    if grammar or (name.startswith("asgi/") and not BOUNDARY.match(name)):
        text = without_comments(source)
        for match in re.finditer(r"\b(awaitable|co_await|co_return)\b", text):
            yield line_of(text, match.start()), f"{match[1]} stands where nothing may wait"


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def check(path):
    """Yields a sentence for each place of a file that breaks a rule."""
    source = path.read_text()
    text = without_comments(source)
    for line, fault in holes("/".join(path.parts).rpartition("/src/")[2], source):
        yield f"{path}:{line}: {fault}"
    for line, keyword in awaiting_conditions(text):
        yield f"{path}:{line}: co_await in the condition of {keyword}: give it a line of its own"
    for line, length in functions(text):
        if length > MOST_LINES:
            yield f"{path}:{line}: a function of {length} lines; at most {MOST_LINES}"


def check_script(path):
    """Yields a sentence for each line of a script that bash 3.2 does not understand."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if found := BASH_4.search(line):
            yield f"{path}:{number}: bash 3.2 has no {found.group()}"


def main(arguments):
    root = pathlib.Path(arguments[0]) if arguments else pathlib.Path(__file__).resolve().parents[2]
    paths = sorted(root.glob("step[0-9][0-9]_*/src/**/*.[ch]pp"))
    paths += sorted(root.glob("teaching/room/*.[ch]pp"))
    faults = [fault for path in paths for fault in check(path)]
    faults += [fault for path in root.glob("workshop") for fault in check_script(path)]
    print(*faults, f"{len(paths)} files, {len(faults)} faults", sep="\n")
    return 0 if paths and not faults else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
