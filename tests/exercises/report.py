"""Prints how an exercise stands; what is wrong in the form that the checks have."""

import os
import sys
import textwrap

from conversation import escape, lines_of

WIDTH, LABEL = 100, 14
MOST_LINES = 16  # of one piece of a conversation
LOOKS = {"done": "32", "todo": "33", "FAIL": "31"}


def coloured(state):
    wanted = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return f"\33[{LOOKS[state]}m{state}\33[m" if wanted else state


def print_state(state, exercise, words=""):
    print(f"  {coloured(state)}  {exercise.number}  {exercise.title}{words}")


def print_labelled(label, text):
    lines = textwrap.wrap(text, WIDTH - LABEL - 6)
    for name, line in zip([label] + [""] * len(lines), lines):
        print(f"      {name:{LABEL}}{line}")


def print_piece(label, data, marks):
    """Prints one piece of a conversation; marks are lines to be put below a byte."""
    lines = list(lines_of(data))
    for number, (offset, text) in enumerate(lines):
        end = lines[number + 1][0] if number + 1 < len(lines) else len(data) + 1
        here = [(at, words) for at, words in marks if offset <= at < end]
        skipped = MOST_LINES // 2 <= number < len(lines) - MOST_LINES // 2
        if skipped and not here:
            if number == MOST_LINES // 2:
                print(" " * (6 + LABEL) + f"[{len(lines) - MOST_LINES} lines]")
            continue
        print(f'      {label if number == 0 else "":{LABEL}}"{text}"')
        for at, words in here:
            column = min(len(escape(data[offset:at])), len(text))
            place = "" if words.endswith(("above", "more")) else " here"
            print(" " * (6 + LABEL + 1 + column) + f"^ expected {words}{place}")


def print_wrong(exercise, wrong):
    """The report on what is wrong: what was said, where it differs, and the rule."""
    print_state("FAIL", exercise)
    *said, (_, end) = wrong.said
    if not said or said[-1][0] == "we sent":
        said.append(["we received", b""])
    for label, data in said[:-1]:
        print_piece(label, data, [])
    print_piece(said[-1][0], said[-1][1], [(wrong.at, wrong.expected)])
    if end:
        print_labelled("", end)
    if wrong.report:
        print(*[f"      {line}" for line in wrong.report], sep="\n")
    elif wrong.last_words:
        print_labelled("the server", wrong.last_words)
    print_labelled("the rule", wrong.rule)
    print_labelled("look at", exercise.look_at)
    print()
