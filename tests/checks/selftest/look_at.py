"""Each check says where to look: the function must be in that file of the step that it names, and
`./workshop look` must find it.

  look_at.py CHECKS REPOSITORY
"""

import pathlib
import re
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "moves"))
import look  # noqa: E402


def problem(since, place, root):
    match = re.fullmatch(r"([\w:]+)\(\) in (\S+)", place)
    if not match:
        return "is not of the form: function() in file"
    name, file = match.groups()
    steps = [path for path in root.glob(f"{since}_*/src/{file}")]
    if not steps:
        return f"there is no {since}_*/src/{file}"
    if not re.search(rf"(?<![\w:]){name}\(", steps[0].read_text()):
        return f"there is no {name}() in {steps[0].relative_to(root)}"
    if not any(look.find(next(root.glob(f"{since}_*")), name)):
        return "is not found by ./workshop look"
    return None


def main():
    checks, root = sys.argv[1], pathlib.Path(sys.argv[2])
    table = subprocess.run([checks, "--markdown"], stdout=subprocess.PIPE, text=True,
                           check=True).stdout
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            for line in table.splitlines()[2:]]
    wrong = 0
    for since, name, _, place in rows:
        if not any(root.glob(f"{since}_*")):
            continue  # that step is not there yet
        reason = problem(since, place, root)
        if reason:
            wrong += 1
            print(f"{since} {name}: look at {place}: {reason}")
    print(f"{len(rows)} checks, {wrong} that lead nowhere")
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
