"""Runs the tests of a step on a changed build of it, the cheapest first, until one fails.

    suite = judge.Suite(ROOT / "step05_websocket", BUILD)
    killer, why = suite.find_killer(tree)

The tests are those that CTest has for the step. Each program in their commands that is made of the
step's sources is linked anew, with the changed objects. Where a header is changed, the sources of
the tests that include it are compiled again too.

A test that fails must not owe that to a busy machine. It is run on the step as it was, built in the
same way, where it has to pass, and then once more on the changed one, where it has to fail again.
"""

import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import tempfile

import patched

# What costs little and finds much comes first; what is not named here comes last.
ORDER = ["units", "fuzz", "mutations", "access_log", "command_line", "asgi", "checks", "faults",
         "websocket", "ws_client", "websockets_client", "differential", "chapter", "slides", "demo",
         "page", "workers", "endurance", "soak"]
LONGEST = 100  # seconds: what takes longer hangs
LONGEST_OF = {"units": 20, "fuzz": 20}  # they take no second
# What takes the options of unittest, and the names of its cases.
UNITTESTS = ["command_line", "demo", "faults", "page", "websocket", "websockets_client", "workers"]
HANGS = "not done"  # how such a complaint begins
MEMORY = 4 << 30  # octets of data in each process
FILE_SIZE = 1 << 28  # of what a server prints that cannot stop

running = set()  # the tests that are


class Test:
    """A test of CTest's."""

    def __init__(self, described):
        properties = {entry["name"]: entry["value"] for entry in described["properties"]}
        self.name = described["name"]
        self.command = described.get("command", [])
        self.labels = properties.get("LABELS", [])
        self.directory = properties.get("WORKING_DIRECTORY")
        self.part = (self.name.split(".") + [""])[1]
        self.longest = min(LONGEST_OF.get(self.part, LONGEST), properties.get("TIMEOUT", LONGEST))
        self.skipped = properties.get("SKIP_RETURN_CODE")
        self.environment = dict(entry.split("=", 1) for entry in properties.get("ENVIRONMENT", []))

    def rank(self):
        return ORDER.index(self.part) if self.part in ORDER else len(ORDER)

    def run(self, programs, only=None):
        """Why it fails, with these programs in place of its own; nothing when it passes. `only`:
        the one case of it that is run, where it can be asked for one.
        """
        command = [replaced(word, programs) for word in self.command]
        command += self.to_first_failure() + (self.only_that(only) if only else [])
        with tempfile.TemporaryFile() as output:
            status = run_alone(command, self, output)
            output.seek(0)
            text = output.read().decode(errors="replace")
        if status is None:
            return HANGS + f" after {self.longest} s"
        return None if status in (0, self.skipped) else first_complaint(text)


    def kind(self):
        program = pathlib.Path(self.command[0]).name
        if program == "checks" or self.part in UNITTESTS:
            return "checks" if program == "checks" else "unittest"
        return "doctest" if program.startswith(("units_", "asgi_")) else ""

    def to_first_failure(self):
        """The option with which it ends at its first failure, if it has one."""
        options = {"checks": ["--first"], "doctest": ["--abort-after=1"],
                   "unittest": ["--failfast"]}
        return options.get(self.kind(), [])

    def only_that(self, case):
        """The words that choose a case which has failed, by its complaint."""
        if self.kind() in ("checks", "doctest"):
            return ["-tc=" + case.replace(",", "\\,")]
        found = re.match(r"(\w+) \(__main__\.(\w+)", case)
        return [f"{found[2]}.{found[1]}"] if found and self.kind() == "unittest" else []


def replaced(word, programs):
    for program, other in programs.items():
        word = re.sub(re.escape(program) + r"(?![\w.])", other, word)
    return word


def first_complaint(text):
    """The line that says what failed, of any of the tests."""
    for pattern in (r"^  FAIL  (.*?)(?:  .*)?$", r"^(?:FAIL|ERROR):? (.*)$", r"^TEST CASE: +(.*)$",
                    r"^(\w*Error.*)$"):
        found = re.search(pattern, text, re.MULTILINE)
        if found:
            return found[1].strip()
    return (text.strip().splitlines() or ["it says nothing"])[-1]


def run_alone(command, test, output):
    """The exit status, or None when it hangs; all that it has started is ended."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        cwd=test.directory, env={**os.environ, **test.environment}, start_new_session=True,
        preexec_fn=set_limits)
    running.add(process)
    try:
        return process.wait(test.longest)
    except subprocess.TimeoutExpired:
        return None
    finally:
        end_session(process)
        running.discard(process)


def end_with_signal(number, _):
    """Whoever ends us ends the tests that run, and what they have started."""
    for process in list(running):
        end_session(process)
    os._exit(128 + number)


def end_tests_on_signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end_with_signal)


def set_limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE, FILE_SIZE))


def end_session(process):
    """Kills what the process has left behind, whatever process groups that has made."""
    process.kill()
    process.wait()
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            session = int(stat.read_text().rpartition(")")[2].split()[3])
            if session == process.pid:
                os.kill(int(stat.parent.name), signal.SIGKILL)
        except (OSError, ValueError):
            pass  # it has ended meanwhile


class Suite:
    """The tests of a step, and how their programs are linked."""

    def __init__(self, step, build_directory):
        self.step = step
        self.build = build_directory
        text = patched.run(["ctest", "--show-only=json-v1"], build_directory)
        tests = [Test(described) for described in json.loads(text)["tests"]]
        self.tests = [test for test in tests if step.name.split("_")[0] in test.labels]
        self.tests.sort(key=Test.rank)
        self.link_lines = {}
        for program in sorted({name for test in self.tests for name in self.programs_in(test)}):
            line = patched.link_line(program, build_directory)
            if patched.is_made_of(line, step):
                self.link_lines[program] = line

    def programs_in(self, test):
        """The programs of the build that a test's command names, relative to the build."""
        for word in test.command:
            for path in re.findall(re.escape(str(self.build)) + r"/([\w./-]+)", word):
                if (self.build / path).is_file():
                    yield path

    def find_killer(self, tree, first=()):
        """The test that fails on the tree and not on the step, and why; without one None, and the
        test that failed on both, if one did.
        """
        headers = patched.changed_headers(tree, self.step)
        sources = list(patched.find_stale(tree, self.step))
        changed = Programs(self, tree, sources, headers)
        with tempfile.TemporaryDirectory(prefix="unchanged") as scratch:
            original = Programs(self, patched.copy_step(self.step, scratch), sources, headers)
            doubt = None
            for test in sorted(self.tests, key=lambda test: test.name not in first):
                why = changed.complaint(test)
                if why and fails_too(test, original, why):
                    doubt = f"{test.name} fails on the step as it is: {why}"
                elif why and (why := fails_again(test, changed, why)):
                    return test.name, why
        return None, doubt


def fails_too(test, original, why):
    """Whether the case that has failed, and the whole of the test, fail on the step as it is."""
    case_fails = why.startswith(HANGS) or original.complaint(test, why)
    return bool(case_fails and original.complaint(test))


def fails_again(test, changed, why):
    """Why the case that has failed, or else the whole of the test, fails once more."""
    case_fails = None if why.startswith(HANGS) else changed.complaint(test, why)
    return case_fails or changed.complaint(test)


class Programs:
    """The programs of the tests, linked with a tree's objects, each when it is first needed."""

    def __init__(self, suite, tree, sources, headers):
        self.suite, self.tree, self.sources, self.headers = suite, tree, sources, headers
        self.objects = None
        self.linked = {}

    def complaint(self, test, only=None):
        """Why the test, or a case of it, fails; nothing if it passes, or has none of them."""
        programs = {}
        for name in self.suite.programs_in(test):
            if name in self.suite.link_lines and (program := self.program(name)):
                programs[str(self.suite.build / name)] = program
        return test.run(programs, only) if programs else None

    def program(self, name):
        """The path of the program; nothing when no object of it is another."""
        if name not in self.linked:
            self.linked[name] = self.link(name)
        return self.linked[name]

    def link(self, name):
        suite = self.suite
        if self.objects is None:
            self.objects = patched.compile_sources(self.sources, self.tree, suite.step, suite.build)
        dependent = {}
        if self.headers:
            dependent = patched.compile_dependent(name, self.headers, self.tree, suite.step,
                                                  suite.build)
        line = suite.link_lines[name]
        words = patched.with_objects(line, self.objects, suite.step, dependent)
        if not words:
            return None
        out = self.tree / "programs" / pathlib.Path(name).name
        out.parent.mkdir(exist_ok=True)
        at = words.index("-o")
        patched.run([*words[:at], "-Wl,-S", "-o", str(out), *words[at + 2 :]], suite.build)
        return str(out)
