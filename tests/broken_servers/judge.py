"""Judges the broken servers: each fails the checks that its header names, and no other, and the
whole report is the recorded one.

  judge.py CHECKS [SERVER...]            compares; SERVER is as step02_honest, or step02 for several
  judge.py CHECKS --record [SERVER...]   records reports and headers: read the difference then
"""

import ast
import concurrent.futures
import difflib
import pathlib
import re
import subprocess
import sys
import textwrap

HERE = pathlib.Path(__file__).parent
AT_ONCE = 6  # they mostly wait


class Server:
    """A server's file: what its header says, and the report on it."""

    def __init__(self, file):
        self.file = file
        self.recorded = HERE / "reports" / f"{file.stem}.txt"
        self.header = ast.get_docstring(ast.parse(file.read_text()))
        self.step = self.find("Step")
        self.topic = self.find("Judged by")
        named = self.header.partition("\nFails:\n")[2]
        self.fails = [line.strip() for line in named.splitlines() if line.strip()]

    def find(self, name):
        match = re.search(rf"^{name}: (.*)$", self.header, re.MULTILINE)
        return match and match[1]

    def options(self):
        """Which checks: those of a topic; or of its step; the honest server, all up to its step."""
        if self.topic:
            names = self.topic.replace(", ", ",")
            chosen = f"-tc={names}" if "*" in names else f"-sf=*rules/{names}.cpp"
            return ["--step", self.step, "--patience", "1", chosen]
        return ["--step" if "_honest" in self.file.stem else "--only-since", self.step]

    def judge(self, checks):
        """What `checks` prints about this server, without what changes from run to run, and without
        the number of checks: a new one is no news here."""
        command = f"{sys.executable} {self.file} {{port}} {{options}}"
        run = subprocess.run([checks, "--server", command, *self.options()], capture_output=True,
                             text=True, timeout=400)
        text = "".join(line for line in (run.stdout + run.stderr).splitlines(keepends=True)
                       if "not yet" not in line)
        text = re.sub(r"date: .*?GMT", "date: (now)", text.replace(str(HERE), "broken_servers"))
        text = re.sub(r"\d+ (passed|not judged|skipped|checks not judged)", r"(n) \1", text)
        return f"{text}exit status {run.returncode}\n"

    def complaints(self, report):
        """What is wrong with the report, line by line."""
        failed = failed_checks(report)
        yield from (f"does not fail: {name}" for name in self.fails if name not in failed)
        yield from (f"fails as well: {name}" for name in failed if name not in self.fails)
        recorded = self.recorded.read_text() if self.recorded.exists() else ""
        yield from difflib.unified_diff(recorded.splitlines(), report.splitlines(),
                                        self.recorded.name, "the report now", lineterm="")

    def record(self, report):
        self.recorded.write_text(report)
        named = "".join(f"  {name}\n" for name in failed_checks(report))
        header = self.header.partition("\n\nFails:\n")[0].rstrip() + "\n"
        header += f"\nFails:\n{named}" if named else ""
        rest = self.file.read_text().split('"""', 2)[2]
        self.file.write_text(f'"""{header}"""{rest}')


def failed_checks(report):
    return [re.split(r"  +\[", line[8:])[0].strip() for line in report.splitlines()
            if line.startswith("  FAIL  ")]


def main():
    checks, *names = sys.argv[1:]
    record = "--record" in names
    names = [name for name in names if name != "--record"] or ["step"]
    servers = [Server(file) for file in sorted(HERE.glob("step*.py"), reverse=True)
               if file.stem.startswith(tuple(names))]
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        reports = pool.map(lambda server: server.judge(checks), servers)
        for server, report in zip(servers, reports):
            if record:
                server.record(report)
            complaints = [] if record else list(server.complaints(report))
            wrong += bool(complaints)
            print("wrong" if complaints else "as it says", " ", server.file.name, flush=True)
            print(textwrap.indent("\n".join(complaints), "    "), end="\n" * bool(complaints))
    print(f"{len(servers)} servers, {wrong} not as their headers and reports say")
    return 1 if wrong or not servers else 0


if __name__ == "__main__":
    sys.exit(main())
