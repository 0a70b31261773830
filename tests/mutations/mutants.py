"""Finds what can be made wrong in C++ sources. A mutant is one small change that means something.

    mutants = find_mutants("http/body.cpp", text)
    drawn = draw(step / "src", count=120, seed="1")
"""

import bisect
import collections
import dataclasses
import hashlib
import re

# Neither comments nor what a program prints about itself, nor preprocessor lines.
NOT_CODE = re.compile(r"""
    (?P<comment> //[^\n]* | /\*.*?\*/ )
  | (?P<directive> ^[ ]*\#[^\n]* )
  | (?P<raw> R"(?P<mark>\w*)\(.*?\)(?P=mark)" )
  | (?P<string> "(?:[^"\\\n]|\\.)*" )
  | (?P<character> (?<![0-9a-fA-F])'(?:[^'\\\n]|\\.[^'\n]*)' )
""", re.VERBOSE | re.DOTALL | re.MULTILINE)
PRINTS = re.compile(r"log_line|log_failure|std::cerr|std::cout|help_text|option<|flag\(")

OTHER_OPERATOR = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
    "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "&": "|", "|": "&", ">>": "<<", "<<": ">>",
    "+=": "-=", "-=": "+=", "^=": "|=",
}
OTHER_NAME = {
    "true": "false", "false": "true", "std::min": "std::max", "std::max": "std::min",
    "front": "back", "back": "front", "std::any_of": "std::all_of", "std::all_of": "std::any_of",
}
BODY_BEGINS = re.compile(r"(?:\)|\bconst|\bnoexcept|\belse|\bdo|\btry|-> [\w:<>]+)\s*$|^\s*$|:\s*$")
LEADS = re.compile(r"\s*(?:(?:if|while|for|switch)\b(?: constexpr)?\s*(?=\()|else\b|do\b"
                   r"|case [^:]*(?:::[^:]*)*:(?!:)|default:)")
CALL = re.compile(r"(?:co_await )?(?:[\w:.>\[\]*()-]+|[\w:]+<.*>)\(.*\)", re.DOTALL)
ASSIGNMENT = re.compile(r"\*?[\w.>:\[\]()-]+ (?:[-+*/%|&^]|<<|>>)?= .*"
                        r"|(?:\+\+|--)[\w.>-]+|[\w.>-]+(?:\+\+|--)", re.DOTALL)
BARE = re.compile(r"throw\b.*|return|co_return|break|continue", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Mutant:
    file: str  # below src/
    line: int
    begin: int  # the text between these two becomes `text`
    end: int
    text: str
    kind: str
    old: str  # the lines that it touches, in one
    new: str
    nth: int  # how many mutants before this one, in this file, have the same old and new

    @property
    def name(self):
        return self.digest("")[:8]

    def digest(self, seed):
        key = f"{seed}|{self.file}|{self.old}|{self.new}|{self.nth}"
        return hashlib.sha256(key.encode()).hexdigest()

    def apply(self, source):
        return source[: self.begin] + self.text + source[self.end :]


class Source:
    """One file, and the changes that can be made to it."""

    def __init__(self, text):
        self.text = text
        self.strings = []  # where they are
        self.code = NOT_CODE.sub(self.blank, text)
        self.told = NOT_CODE.sub(self.without_comments, text)
        self.changes = []  # begin, end, text, kind

    def blank(self, found):
        """The same length without what could be taken for code."""
        kind = found.lastgroup if found.lastgroup != "mark" else "raw"
        if kind == "string":
            self.strings.append(found.span())
        if kind in ("string", "character", "raw"):
            return '"' + re.sub(r"[^\n]", "_", found[0][1:-1]) + '"'
        return re.sub(r"[^\n]", " ", found[0])

    def without_comments(self, found):
        return " " * len(found[0]) if found.lastgroup == "comment" else found[0]

    def change(self, begin, end, text, kind):
        self.changes.append((begin, end, text, kind))

    def closing(self, at):
        """Where the parenthesis that opens at `at` is closed."""
        depth = 0
        for i in range(at, len(self.code)):
            depth += self.code[i] in "([{"
            depth -= self.code[i] in ")]}"
            if depth == 0:
                return i
        return len(self.code)

    def line_of(self, at):
        begin = self.text.rfind("\n", 0, at) + 1
        return self.text[begin : self.text.find("\n", at)]


OPERATOR = re.compile(r"(?<=[\w)\]\"]) (<=|>=|==|!=|&&|\|\||<<|>>|\+=|-=|\^=|[-+*/%&|<>])"
                      r"(?=\s+[\w(!~*\"'-])")


def change_operators(source):
    for found in OPERATOR.finditer(source.code):
        operator, at = found[1], found.start(1)
        around = source.code[at - 2] + source.code[at + len(operator) + 1]
        if operator in ("+", "+=", "-") and '"' in around:
            continue  # a text
        line = source.line_of(at)
        bound = operator in ("<", "<=", ">", ">=")
        if bound and re.search(r"\bnow\b|Clock::", line):
            continue  # a moment more or less is none
        if operator in ("<<", ">>") and re.search(r"std::c(out|err|in)|text_?\b", line):
            continue
        source.change(at, at + len(operator), OTHER_OPERATOR[operator], "operator")


def change_names(source):
    names = "|".join(OTHER_NAME)
    for found in re.finditer(rf"(?<![\w:<])({names})(?![\w>])", source.code):
        is_called = source.code[found.start() - 1] == "." and source.code[found.end()] == "("
        if found[1] in ("front", "back") and not is_called:
            continue
        source.change(*found.span(), OTHER_NAME[found[1]], "name")


NUMBER = re.compile(r"(?<![\w.'<])(0x[0-9a-fA-F]+|\d[\d']*)(u|s|ms)?(?![\w.'>])")


def change_numbers(source):
    for found in NUMBER.finditer(source.code):
        line = source.line_of(found.start())
        before = source.code[: found.start()].rpartition("\n")[2]
        if re.search(r"std::array<[^;]*$", before):
            continue
        if found[1] == "1024" and re.search(r"\d \* $", before):
            continue  # KiB: the number before it is changed
        value = int(found[1].replace("'", ""), 0)
        other = 2 * value if value >= 1024 or "1024" in line else value + 1
        digits = hex(other) if found[1].startswith("0x") else str(other)
        source.change(found.start(1), found.end(1), digits, "number")


def change_strings(source):
    for begin, end in source.strings:
        content, line = source.text[begin + 1 : end - 1], source.line_of(begin)
        if PRINTS.search(line) and not content.startswith("--"):
            continue
        if content.endswith("\\r\\n"):
            source.change(end - 5, end - 1, "\\n", "string")
        elif re.fullmatch(r"[\w:/;=.*+-]+(?:: )?", content):
            source.change(begin + 1, end - 1, "x" + content, "string")


def change_negations(source):
    for found in re.finditer(r"(?<=[ (])!(?=[\w(*])", source.code):
        source.change(*found.span(), "", "negation")


def change_conditions(source):
    for found in re.finditer(r"\b(if|while) \(", source.code):
        begin, end = found.end(), source.closing(found.end() - 1)
        condition = source.text[begin:end]
        if condition == "true" or re.search(r";| = ", source.code[begin:end]):
            continue
        if not re.fullmatch(r"![\w.>-]+(?:\(\))?", condition):  # another change does that
            source.change(begin, end, f"!({condition})", "condition")
        if found[1] == "if":
            source.change(begin, end, "true", "condition")
        if found[1] == "while" or source.code[end + 1 :].lstrip().startswith("{"):
            source.change(begin, end, "false", "condition")


def change_choices(source):
    operand = r"[^?:;(){}]*(?:::[^?:;(){},]+|\([^()]*\))*[^?:;(){},]*"
    for found in re.finditer(rf"(?<= \? )({operand})(\s+: )({operand})(?=[;,)])", source.code):
        swapped = "".join(source.text[slice(*found.span(part))] for part in (3, 2, 1))
        source.change(*found.span(), swapped, "choice")


def change_exchanges(source):
    for found in re.finditer(r"std::exchange\(", source.code):
        end = source.closing(found.end() - 1)
        name = source.text[found.end() : end].partition(",")[0]
        source.change(found.start(), end + 1, name, "exchange")


FUNCTION = re.compile(r"^(?:  )?(?!return|co_return|if|for|while|else|case)[\w:<>&*\[\] ]+\(",
                      re.MULTILINE)


def change_returns(source):
    heads = [(found.start(), found[0]) for found in FUNCTION.finditer(source.code)]
    for found in re.finditer(r"\b(?:co_)?return ([^;]+);", source.code):
        at = bisect.bisect(heads, (found.start(), "")) - 1
        if at < 0 or not re.search(r"\bbool>? ", heads[at][1]) or found[1] in ("true", "false"):
            continue
        source.change(*found.span(1), f"!({source.text[slice(*found.span(1))]})", "return")


def remove_statements(source):
    bodies, begin, depth, code = [], 0, 0, source.code
    for at, c in enumerate(code):
        depth += (c in "([") - (c in ")]")
        if depth > 0 or c not in "{};":
            continue
        if c == "{":
            bodies.append(begins_body(code[begin:at], bool(bodies) and bodies[-1]))
        elif c == "}":
            del bodies[-1:]
        elif bodies and bodies[-1]:
            remove_statement(source, begin, at)
        begin = at + 1


def begins_body(head, inside):
    """Whether a brace behind this holds statements; `inside` of such a one it need not say much."""
    if re.match(r"\s*(class|struct|namespace|enum)\b", head) or not BODY_BEGINS.search(head):
        return False
    return inside or head.strip().endswith((")", "const", "noexcept"))


def remove_statement(source, begin, end):
    """The statement in there, without its semicolon, if it can be missing."""
    while lead := LEADS.match(source.code, begin, end):
        begin = lead.end()
        if source.code[begin : begin + 1] == "(":
            begin = source.closing(begin) + 1
    begin += len(source.code[begin:end]) - len(source.code[begin:end].lstrip())
    statement = source.code[begin:end]
    if any(kind.fullmatch(statement) for kind in (CALL, ASSIGNMENT, BARE)):
        source.change(begin, end + 1, "{}", "statement")


def find_mutants(file, text):
    """All mutants of a file."""
    source = Source(text)
    for find in (change_operators, change_names, change_numbers, change_strings, change_negations,
                 change_conditions, change_choices, change_exchanges, change_returns,
                 remove_statements):
        find(source)
    seen = collections.Counter()
    mutants = {}
    for begin, end, new_text, kind in sorted(source.changes):
        first = text.rfind("\n", 0, begin) + 1
        last = text.find("\n", end)
        last = len(text) if last < 0 else last
        told = source.told
        old = " ".join(told[first:last].split())
        new = " ".join((told[first:begin] + new_text + told[end:last]).split())
        if old == new or (begin, end, new_text) in mutants:
            continue
        line = text.count("\n", 0, begin) + 1
        mutants[begin, end, new_text] = Mutant(file, line, begin, end, new_text, kind, old, new,
                                               seen[old, new])
        seen[old, new] += 1
    return list(mutants.values())


def code_lines(text):
    return sum(bool(line.strip()) for line in Source(text).code.splitlines())


def draw(directory, count, seed):
    """`count` mutants or a few more, from every file as many as its lines ask for, one at least.

    What is drawn from a line does not depend on the others: an edit changes little of the draw.
    """
    files = {str(path.relative_to(directory)): path.read_text()
             for path in sorted(directory.rglob("*.[ch]pp"))}
    mutants = {file: find_mutants(file, text) for file, text in files.items()}
    lines = {file: code_lines(text) for file, text in files.items() if mutants[file]}
    drawn = []
    for file, size in lines.items():
        share = max(1, round(count * size / sum(lines.values())))
        drawn += spread(sorted(mutants[file], key=lambda mutant: mutant.digest(seed)))[:share]
    return drawn


def spread(mutants):
    """The same, with the first of each line before the second of any."""
    turn, seen = [], collections.Counter()
    for mutant in mutants:
        turn.append((seen[mutant.line], mutant))
        seen[mutant.line] += 1
    return [mutant for _, mutant in sorted(turn, key=lambda entry: entry[0])]
