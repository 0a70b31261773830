"""The last step with one line made wrong fails a check, whose report leads to that line.

  mutations_test.py REPOSITORY BUILD CHECKS [WORD]   WORD: only those with it in their names
"""

import concurrent.futures
import configparser
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "patched"))
import patched  # noqa: E402

STEP = "step05_websocket"


def build(mutation, root, build_directory, scratch):
    tree = patched.copy_step(root / STEP, scratch)
    patched.replace_once(tree / "src" / mutation["file"], mutation["old"], mutation["new"])
    return patched.build(tree, root / STEP, build_directory)


def judge(program, mutation, checks):
    """The report, with the first failure in full."""
    topics = ",".join(f"*rules/{name}.cpp" for name in mutation["judged"].split())
    command = [checks, "--server", f"{program} --port {{port}} {{options}}", "-sf=" + topics]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60).stdout


def complaints(mutation, report):
    """What the report does not do for whoever has to find the changed line."""
    failed = re.findall(r"^  FAIL  (.*?)(?:  +\[.*)?$", report, re.MULTILINE)
    expected = mutation["fails"].splitlines()
    if failed[:1] != expected[:1]:
        yield f"the first to fail is {failed[:1]}, and not {expected[:1]}"
    yield from (f"does not fail: {name}" for name in expected if name not in failed)
    place = re.search(r"^ +look at +(.*)$", report, re.MULTILINE)
    if not place or place[1] != mutation["look_at"]:
        yield f"the report leads to {place and place[1]}, and not to {mutation['look_at']}"


def stands_in(mutation, root):
    """Whether the line is a part of the function that the report leads to."""
    name, file = re.fullmatch(r"(\S+)\(\) in (\S+)", mutation["look_at"]).groups()
    before, _, _ = (root / STEP / "src" / mutation["file"]).read_text().partition(mutation["old"])
    functions = re.findall(r"^\w.*?([\w:]+)\(.*\{$", before, re.MULTILINE)
    return file == mutation["file"] and functions[-1:] == [name]


def verdict(mutation, root, build_directory, checks):
    """What is wrong with how the mutation is found; empty where it is found."""
    with tempfile.TemporaryDirectory() as scratch:
        try:
            program = build(mutation, root, build_directory, scratch)
        except patched.Failed as failure:
            return [str(failure)]
        report = judge(program, mutation, checks)
    found = list(complaints(mutation, report))
    if not stands_in(mutation, root):
        found.append(f"the changed line does not stand in {mutation['look_at']}")
    return found and [*found, report]


def main():
    root, build_directory, checks = [pathlib.Path(path).resolve() for path in sys.argv[1:4]]
    mutations = configparser.ConfigParser(interpolation=None, delimiters=["="])
    mutations.read(HERE / "mutations.ini")
    names = [name for name in mutations.sections() if not sys.argv[4:] or sys.argv[4] in name]
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        verdicts = pool.map(lambda name: verdict(mutations[name], root, build_directory, checks),
                            names)
        for name, found in zip(names, verdicts):
            wrong += bool(found)
            print("missed" if found else "found ", "", name, flush=True)
            print("".join(f"    {line}\n" for text in found for line in text.splitlines()), end="")
    print(f"{len(names)} mutations, {wrong} missed")
    return 1 if wrong or not names else 0


sys.exit(main())
