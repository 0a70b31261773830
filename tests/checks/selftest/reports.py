"""Compares whole reports on wrong servers with recorded ones: what a student reads is right.

  reports.py CHECKS            compares
  reports.py CHECKS --record   records them anew: read the difference before you commit it
"""

import difflib
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent

# Name of the server, and the options that choose what it is judged by.
CASES = {
    "silent": ["--patience", "1", "--step", "2",
               "-tc=says the length of the answer,answers 404 to GET"],
    "careless": ["--patience", "1", "--step", "3", "--all",
                 "-tc=answers pipelined requests in order,understands a request line,"
                 "refuses a tab after the method,answers HEAD as GET without content,"
                 "reads a body of a given length,takes 100 fields,keeps silent about half a head,"
                 "turns away more connections than it may have"],
    "unmasking": ["--patience", "1", "--step", "5", "--all", "--only-since", "5",
                  "-tc=refuses a text that is not masked,"
                  "answers a Close without a code,answers ten pings in order,"
                  "refuses a bad text before its frame ends,refuses an empty key,"
                  "puts two fragments together,agrees on permessage-deflate"],
    "crashing": ["--patience", "1", "--step", "2",
                 "-tc=says the length of the answer,answers 404 to GET,answers 404 to POST"],
}


def report(checks, name):
    server = next(HERE.glob(f"servers/*{name}.py"))
    command = f"{sys.executable} {server} {{port}}"
    run = subprocess.run([checks, "--server", command, *CASES[name]], capture_output=True,
                         text=True, timeout=100)
    text = run.stdout + run.stderr
    lines = [line for line in text.splitlines() if "not yet" not in line]
    text = "\n".join([*lines, f"exit status {run.returncode}", ""])
    text = text.replace(str(HERE), "selftest")
    return re.sub(r"date: .*?GMT", "date: (now)", text)


def main():
    checks = sys.argv[1]
    wrong = False
    for name in CASES:
        file = HERE / "reports" / f"{name}.txt"
        got = report(checks, name)
        if sys.argv[2:] == ["--record"]:
            file.write_text(got)
        expected = file.read_text()
        difference = difflib.unified_diff(expected.splitlines(), got.splitlines(), str(file),
                                          "the report now", lineterm="")
        for line in difference:
            wrong = True
            print(line)
    return 1 if wrong else 0


sys.exit(main())
