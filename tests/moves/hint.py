#!/usr/bin/env python3
"""Says how to go on with a move, one thing at a time: what to write, its declarations, its shape.

usage: hint.py MOVE [1|2|3] [--seen FILE]     as 3.2; without a number the next that is not seen yet

FILE keeps how many hints of which move have been seen: lines such as "3.2 1".
"""

import argparse
import ast
import pathlib
import re
import signal
import sys

import look
import series

HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)")
WORDS = re.compile(r"(?:co_return|return|throw)\b")
CALL = re.compile(r"(?<!\w)(?!if|for|while|switch|catch|return|throw|sizeof)([a-z_]\w*)\(")


def added_lines(patch):
    """Returns {file: the numbers of the lines that a patch adds to it}."""
    files, name, number = {}, None, 0
    for line in patch.splitlines():
        if match := re.match(r"diff --git a/(\S+) b/", line):
            name = match[1]
            files[name] = set()
        elif match := HUNK.match(line):
            number = int(match[1]) - 1
        elif number or line.startswith(("+", " ")) and not line.startswith("+++"):
            number += not line.startswith("-")
            if line.startswith("+"):
                files[name].add(number)
        if line.startswith("diff --git"):
            number = 0
    return files


def parts_of(file, text):
    """Yields each part of a file as look finds it, with the number of its first line."""
    position = 0
    for part in (look.parts_in_python if file.endswith(".py") else look.parts_of)(text):
        position = text.index(part, position)
        yield text.count("\n", 0, position) + 1, part
        position += len(part)


def name_of(part):
    """Returns what a part defines, as parse_version() or class Scanner."""
    if match := re.search(r"^(?:async )?def (\w+)", part, re.M):
        return f"{match[1]}()"
    head = look.head_of(part).removesuffix("{").strip()
    if match := re.match(r"(?:class|struct|enum(?: class)?) \w+", head):
        return match[0]
    match = re.search(r"([\w:~]+|operator\S+)\(", head)
    return f"{match[1]}()" if match else head.split("=")[0].rstrip(";{ ")


def defines(part, name):
    """Whether a part is what is called so, and no function of a class of that name."""
    return re.search(rf"(?<![\w:~]){name}(?:\(\))?$", name_of(part)) is not None


def declaration_of(part):
    """Returns the lines of a part without the bodies of its functions; of a class, its members."""
    lines, is_class = part.splitlines(), re.match(r"(class|struct|enum)\b", look.head_of(part))
    declared, head = [], True
    if not is_class and "(" not in look.head_of(part):  # a constant: its value is for you to find
        return [re.sub(r" *=(?: .*)?$", "", line) for line in
                lines[:lines.index(look.head_of(part)) + 1]]
    for line in lines:
        body = not head and not (is_class and re.match(r" {1,3}[^\s}]|\}", line))
        if not body:
            declared.append(re.sub(r" *\{(?!\}).*$", "" if line[0:1] != " " else ";", line))
        head = head and (line.startswith("//") or not re.search(r"[{};]( *//.*)?$", line))
    return declared


def declaration_in_python(part):
    """Returns the same of Python's: the heads of a function, or of a class and its methods, each with
    what it says of itself."""
    [whole], lines = ast.parse(part).body, part.splitlines()
    declared = []
    for node in [whole, *(whole.body if isinstance(whole, ast.ClassDef) else [])]:
        if hasattr(node, "body"):
            said = ast.get_docstring(node) is not None
            declared += lines[node.lineno - 1:node.body[0].end_lineno if said else node.body[0].lineno - 1]
    return declared


class Hints:
    """What is to be typed in one move: (file, first line, part, the numbers of its new lines)."""

    def __init__(self, number, states=None):
        step, count = series.parse(number)
        if "." not in number or count == 0:
            raise series.Fault(f"a hint is for a move, as 2.1; there is none for '{number}'")
        moves = series.moves_of(step)[:count]
        self.move = moves[-1]
        states = states or series.states_of(step, moves=moves)
        self.before, self.after = states[count - 1:count + 1]
        self.number = f"{step.name[5]}.{count}"
        self.previous = f"{step.name[5]}.{count - 1}" if count > 1 else str(int(step.name[5]) - 1)
        self.parts = [found for file, added in added_lines(self.move.patch).items()
                      for found in self.parts_with(file, added)]

    def parts_with(self, file, added):
        """Yields the parts of a file that have new lines to type."""
        if file not in self.after or file in self.move.taken_over or not added:
            return
        copied = [name.partition("#")[2] for name in self.move.taken_over if name.startswith(f"{file}#")]
        for first, part in parts_of(file, self.after[file].decode()):
            new = added & set(range(first, first + part.count("\n") + 1))
            if new and not any(defines(part, name) for name in copied):
                yield file, first, part, new

    def is_new(self, file, part):
        """Whether no part of this name was in the file before."""
        earlier = parts_of(file, self.before.get(file, b"").decode())
        return name_of(part) not in [name_of(other) for _, other in earlier]

    def what(self):
        """What to write and where; what to take over; what goes."""
        yield "Write or change, in this order of files:"
        for file in dict.fromkeys(file for file, *_ in self.parts):
            yield f"\n  {file}" + ("" if file in self.before else "   (a new file)")
            for _, _, part, new in (found for found in self.parts if found[0] == file):
                kind = "new" if self.is_new(file, part) else "change"
                yield f"    {kind:8}{name_of(part)}, {len(new)} line{'s' * (len(new) > 1)}"
        if self.move.taken_over:
            yield "\nTake over, as ./workshop diff " \
                  f"{self.previous} {self.number} FILE shows it:" if self.previous != "0" \
                  else "\nTake over from the finished step:"
            yield from (f"  {name.replace('#', ', the part ')}" for name in self.move.taken_over)

    def declarations(self):
        """The heads of what is new, with their comments."""
        heads = [(file, (declaration_in_python if file.endswith(".py") else declaration_of)(part))
                 for file, _, part, _ in self.parts if self.is_new(file, part)]
        if not heads:
            yield "Nothing is declared anew: the lines stand in functions that are there."
            return
        yield "What is new begins like this:"
        for file in dict.fromkeys(file for file, _ in heads):
            yield f"\n  {file}"
            for _, lines in (head for head in heads if head[0] == file):
                yield "\n".join(f"    {line}" for line in lines)

    def shape(self):
        """The functions as they will be: new lines only by their shape."""
        yield "The lines by their shape: + is new, ... is for you to find."
        for file, first, part, new in self.parts:
            shape = shape_in_python if file.endswith(".py") else shape_of
            yield f"\n  {file}"
            for number, line in enumerate(part.splitlines(), first):
                yield f"  + {shape(line)}" if number in new else f"    {line}".rstrip()

    def all(self):
        return [list(hint) for hint in (self.what(), self.declarations(), self.shape())]


def shape_of(line):
    """Returns what kind of line it is: the language's words and the functions that it calls."""
    text = line.strip()
    indent = line[:len(line) - len(line.lstrip())]
    if not indent or text.startswith(("//", "#")) or not re.search(r"\w{2}", text):
        return line
    if match := re.match(r"(\} )?(else if|if|while|for|switch|catch)\b *", text):
        condition, rest = split_condition(text[match.end():])
        return f"{indent}{match[0]}({expression(condition)})" + shape_of(f" {rest}" if rest else "")
    if re.match(r"(else|try|public:|private:|\} else|case|break;|continue;)", text):
        return line
    word = f"{match[0]} " if (match := WORDS.match(text)) else ""
    end = next((end for end in (" {", ";") if text.endswith(end)), "")
    middle = text[len(word):len(text) - len(end)]
    return f"{indent}{word}{expression(middle)}{end}" if middle.strip() else line


def shape_in_python(line):
    """Returns the same for a line of Python."""
    text = line.strip()
    indent = line[:len(line) - len(line.lstrip())]
    if not indent or text.startswith(("#", "@", '"', "def ", "async def ", "class ")) or not text:
        return line
    if re.fullmatch(r"(else|try|finally|except.*|pass|break|continue):?", text):
        return line
    match = re.match(r"(?:(?:async )?(?:for|with)|if|elif|while|return|raise|yield)\b", text)
    word = f"{match[0]} " if match else ""
    end = ":" if text.endswith(":") else ""
    waits = "await " if re.search(r"\bawait\b", text) else ""
    calls = [f"{name}(...)" for name in CALL.findall(text[len(word):])]
    return f"{indent}{word}{waits}{', '.join(calls) or '...'}{end}"


def expression(text):
    """Returns an expression by the functions that it calls, in their order, and how they are joined."""
    if text in ("true", "false"):
        return text
    left, assigned, right = text.rpartition(" = ")
    waits = "co_await " if "co_await " in right else ""
    joined = "".join(part if part in (" && ", " || ") else operand(part)
                     for part in re.split(r"( && | \|\| )", right))
    return f"{'... = ' if assigned else ''}{waits}{joined}"


def operand(text):
    """Returns one operand by the functions that it calls; without one, only that it is there."""
    calls = ", ".join(f"{name}(...)" for name in CALL.findall(text))
    return ("!" if text.lstrip("( ").startswith("!") else "") + (calls or "...")


def split_condition(text):
    """Returns what stands in the parentheses with which a text begins, and what follows them."""
    depth = 0
    for position, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return text[1:position], text[position + 1:].strip()
    return text[1:], ""


def seen_of(file, number):
    """Returns how many hints of a move have been seen."""
    lines = file.read_text().splitlines() if file and file.is_file() else []
    return max([int(line.split()[1]) for line in lines if line.startswith(f"{number} ")], default=0)


def show(number, wanted, file):
    hints = Hints(number)
    texts = hints.all()
    which = wanted or min(seen_of(file, hints.number) + 1, len(texts))
    print(f"Move {hints.number}: {hints.move.title}; hint {which} of {len(texts)}\n")
    print(*texts[which - 1], sep="\n")
    print("\nMore?             " + (
        f"./workshop hint {hints.number}         the next hint" if which < len(texts)
        else f"./workshop solution {hints.number}     all lines of the move"))
    if file and which > seen_of(file, hints.number):
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as kept:
            print(hints.number, which, file=kept)


def main(arguments):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("move")
    parser.add_argument("which", nargs="?", type=int, choices=(1, 2, 3))
    parser.add_argument("--seen", type=pathlib.Path)
    options = parser.parse_args(arguments)
    try:
        show(options.move, options.which, options.seen)
    except series.Fault as fault:
        print(f"workshop: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # as of all that is piped into head
    sys.exit(main(sys.argv[1:]))
