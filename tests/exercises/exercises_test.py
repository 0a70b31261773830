"""Each exercise is todo on the step as it is, done with its solution, and wrong when nearly done.

  exercises_test.py REPOSITORY BUILD CHECKS
"""

import contextlib
import concurrent.futures
import io
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD, CHECKS = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
sys.path.insert(0, str(ROOT / "tests/patched"))
HERE = pathlib.Path(__file__).resolve().parent

import patched
import report
import sanitizer
from conversation import Todo, Wrong
from exercise import Subject
from exercises import ADDRESS, ALL, chosen, hint_of, judge

STEPS = [step for step in sorted(ROOT.glob("step[0-9][0-9]_*"))
         if (BUILD / step.name / step.name).exists()]  # one may be left out for what it needs
BUILT = [number for number in ALL if any(step.name[5] == number[0] for step in STEPS)]
SOLUTIONS = HERE / "solutions"
ONLY_IN_ITS_STEP = ("1a", "1b", "1c", "4e")  # an echo, and what no server is needed for
# A change of the solution that makes it wrong: number, file, what it has, what it gets instead,
# and a word of the report.
NEARLY = [
    ("1b", "session.cpp", "c <= 'z'", "c < 'z'", "every other byte as it was"),
    ("1c", "session.cpp", "{ --count; }", "{}", "who has gone is not counted"),
    ("2b", "http/response.cpp", '301, "Moved Permanently"', '301, "OK"', "the phrase of 301"),
    ("2c", "http/request.cpp", 'iequals(name, "content-type")', 'name == "Content-Type"',
     "capitals"),
    ("3b", "session.cpp", "requests_ >= options_", "requests_ > options_", "the third answer"),
    ("3c", "session.cpp", "size += piece.size();",
     "response.content += piece; size += piece.size();", "one piece of the body is held"),
    ("4b", "server_timing.cpp", "get_if<asgi::HttpResponseStart>(&event)) {",
     "get_if<asgi::HttpResponseStart>(&event); start && start->status == 200) {", "one field"),
    ("4c", "demo/http.cpp", "timer.expires_after(500ms);",
     "for (const auto end = std::chrono::steady_clock::now() + 500ms;"
     " std::chrono::steady_clock::now() < end;) continue; timer.expires_after(0ms);",
     "do not block the thread"),
    ("4d", "demo/http.cpp", "static std::string last_name", "static std::string_view last_name",
     "what is kept longer is copied"),
    ("4e", "demo/router.cpp",
     "&& find_below(*literal->second, method, rest, found))\n    return true;",
     ")\n    return find_below(*literal->second, method, rest, found);",
     "tried in order, it finds"),
    ("5b", "demo/chat.cpp", "if (member->name() != name) continue;", "", "a whisper is not"),
    ("5c", "same_origin.cpp", '*origin != "http://" + host',
     '!origin->starts_with("http://" + host)', "is denied with 403"),
    ("6b", "../applications/deadline.py", "limit.reschedule(None)", "pass", "as long as it likes"),
    ("6c", "python/bridge.py", "    while True:\n        begin = time.monotonic()",
     "    begin = time.monotonic()\n    while True:", "who waits keeps nobody"),
]

# A router that finds what is right, as slowly as it can be done without regular expressions.
TABLE = """
#include <string>
#include <string_view>
#include <vector>
struct Found { int status = 404; int route = 0; std::vector<std::string_view> parameters; };
struct Router {
  std::vector<std::pair<std::string, std::string>> routes;
  void add(std::string_view method, std::string_view pattern) {
    routes.emplace_back(method, pattern);
  }
  static bool fits(std::string_view pattern, std::string_view path, Found& found) {
    found.parameters.clear();
    while (!pattern.empty() && !path.empty()) {
      pattern.remove_prefix(1);
      path.remove_prefix(1);
      const auto wanted = pattern.substr(0, pattern.find('/'));
      const auto here = path.substr(0, path.find('/'));
      const bool any = wanted.starts_with('{') && !here.empty();
      if (!any && wanted != here) return false;
      if (any) found.parameters.push_back(here);
      pattern.remove_prefix(wanted.size());
      path.remove_prefix(here.size());
    }
    return pattern.empty() && path.empty();
  }
  Found find(std::string_view method, std::string_view path) const {
    Found found;
    for (const auto& [its_method, pattern] : routes) {
      if (!fits(pattern, path, found)) { ++found.route; continue; }
      found.status = its_method == method ? 200 : 405;
      if (found.status == 200) return found;
      ++found.route;
    }
    return found;
  }
};
"""


def state(exercise, program, step, tree):
    """Returns "todo", "done" or the rule that is broken. `program` is what the tree, a copy of the
    step, makes."""
    def build():
        return patched.build(tree, step, BUILD, shlex.split(ADDRESS))

    command = f"env PYTHONPATH={tree / 'applications'} {program} --port {{port}} {{options}}"
    try:
        exercise.judge(Subject(command, CHECKS, tree, build))
    except Todo:
        return "todo"
    except Wrong as wrong:
        return wrong.rule
    return "done"


@contextlib.contextmanager
def solved(number, step):
    """A copy of a step with a solution in it, while a `with` block lasts."""
    with tempfile.TemporaryDirectory() as scratch:
        tree = patched.copy_step(step, scratch)
        patched.apply_patch(tree, SOLUTIONS / f"{number}.patch")
        yield tree


def applies(number, step):
    """Whether a solution fits a step."""
    if number in ONLY_IN_ITS_STEP and not step.name.startswith(f"step0{number[0]}"):
        return False
    try:
        with solved(number, step):
            return True
    except patched.Failed:
        return False


def try_solution(number, step):
    """Returns what is wrong with the solution of an exercise in a step."""
    before = state(ALL[number], BUILD / step.name / step.name, step, step)
    with solved(number, step) as tree:
        program = patched.build(tree, step, BUILD)
        after = state(ALL[number], program, step, tree)
        own = step.name.startswith(f"step0{number[0]}") and number[0] != "1"
        lost = "" if not own or ALL[number].breaks else failed_checks(program, step)
    faults = [] if before == "todo" else [f"it is {before}, and not todo, without its solution"]
    faults += [] if after == "done" else [f"its solution breaks the rule: {after}"]
    faults += [f"its solution fails checks of the step:\n{lost}"] if lost else []
    return [f"{number} in {step.name}: {fault}" for fault in faults]


def failed_checks(program, step):
    """Returns the report on the checks of a step that a program fails: nothing, if it keeps them all."""
    command = f"{program} --port {{port}} {{options}}"
    last = min(int(step.name[4:6]), 5)  # step 06 keeps the checks of step 05
    words = [CHECKS, "--server", command, "--step", str(last)]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    return done.stdout if done.returncode != 0 else ""


def try_nearly(number, file, old, new, rule):
    """Returns what is wrong with the report on an exercise that is nearly done."""
    step = next(step for step in STEPS if step.name.startswith(f"step0{number[0]}"))
    with solved(number, step) as tree:
        patched.replace_once(tree / "src" / file, old, new)
        seen = state(ALL[number], patched.build(tree, step, BUILD), step, tree)
    return [] if rule in seen else [f"{number}: nearly right, and the report is: {seen}"]


def in_parallel(function, cases):
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        found = pool.map(lambda case: function(*case), cases)
        return [fault for faults in found for fault in faults]


class ExercisesTest(unittest.TestCase):
    def test_each_solution_where_it_fits(self):
        cases = [
            (number, step)
            for number in BUILT
            for step in STEPS
            if step.name >= f"step0{number[0]}" and applies(number, step)
        ]
        for number in BUILT:  # at least in its own step
            self.assertIn(f"step0{number[0]}", [step.name[:6] for n, step in cases if n == number])
        self.assertEqual(in_parallel(try_solution, cases), [])
        print(f"{len(BUILT)} exercises, {len(cases)} times solved", end=" ", flush=True)

    def test_what_is_nearly_right_is_wrong(self):
        self.assertEqual({case[0] for case in NEARLY}, {n for n in ALL if not ALL[n].breaks})
        self.assertEqual(in_parallel(try_nearly, [case for case in NEARLY if case[0] in BUILT]), [])

    def test_what_an_exercise_would_break_is_whole_in_a_later_step(self):
        for number in ("2a", "3a", "4a"):
            step = STEPS[4]
            self.assertEqual(state(ALL[number], BUILD / step.name / step.name, step, step), "todo")

    def test_each_exercise_has_a_solution_and_a_text(self):
        self.assertEqual({path.stem for path in SOLUTIONS.glob("*.patch")}, set(ALL))
        for number, exercise in ALL.items():
            chapter = next(ROOT.glob(f"step0{number[0]}_*/README.md")).read_text()
            title = f"{number} {exercise.title[0].upper()}{exercise.title[1:]}"
            self.assertTrue(f"### {title}\n" in chapter, f"no chapter has: {title}")

    def test_each_exercise_has_a_hint(self):
        for number, exercise in ALL.items():
            hint = hint_of(exercise)
            self.assertEqual(exercise.look_at in hint, exercise.breaks, number)
            self.assertNotRegex(hint, r"\]\(|<|\+\+\+", number)
            self.assertGreater(len(hint), 40, number)

    def test_what_was_done_once_is_remembered(self):
        class Once:
            def __init__(self, number, breaks):
                self.number, self.title, self.breaks = number, "a page", breaks

            def judge(self, *_):
                self.judge = self.todo

            def todo(self, *_):
                raise Todo

        printed = io.StringIO()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
            for exercise in (Once("2b", breaks=False), Once("2a", breaks=True)):
                for _ in range(2):
                    judge(exercise, None, pathlib.Path(folder, "new/done"))
            self.assertEqual(pathlib.Path(folder, "new/done").read_text(), "2b\n2a\n")
        self.assertEqual(printed.getvalue().splitlines(), [
            "  done  2b  a page",
            "  todo  2b  a page, and was done",
            "  done  2a  a page: broken as asked; now put the line back",
            "  done  2a  a page: it was broken as asked, and the line is back",
        ])

    def test_a_solution_has_no_more_than_its_step(self):
        for number in ALL:
            text = (SOLUTIONS / f"{number}.patch").read_text()
            steps = set(re.findall(r"^diff --git a/([^/]+)/", text, re.M))
            self.assertEqual([step[:6] for step in steps], [f"step0{number[0]}"])

    def test_a_number_chooses_a_step_or_one_exercise(self):
        self.assertEqual([e.number for e in chosen("2")], ["2a", "2b", "2c"])
        self.assertEqual([e.number for e in chosen("3b")], ["3b"])
        self.assertEqual(chosen("9"), [])

    def test_a_server_of_an_earlier_step_is_refused_with_the_way_back(self):
        for number, step in (("2b", 1), ("3a", 2), ("3a", 3), ("4a", 3), ("5a", 4),
                             ("6b", 5), ("6b", 6)):
            if step > len(STEPS):
                continue
            with self.subTest(number, step=step):
                name = STEPS[step - 1].name
                server = f"env PYTHONPATH={STEPS[step - 1] / 'applications'} " \
                    f"{BUILD / name / name} --port {{port}} {{options}}"
                done = subprocess.run([sys.executable, "-B", HERE / "exercises.py", number,
                                       "--server", server, "--checks", CHECKS],
                                      stdout=subprocess.PIPE, text=True)
                refused = int(number[0]) > step
                self.assertEqual(done.returncode, 1)
                self.assertEqual(f"./workshop start {number[0]} " in done.stdout, refused)
                self.assertEqual("todo" in done.stdout, not refused)

    def test_a_server_that_crashes_is_reported_with_its_last_words(self):
        program = "import os,socket,sys; s=socket.create_server(('127.0.0.1',{port}));" \
            "s.accept(); c=s.accept()[0]; c.recv(9); os.write(2,b'ouch'); os.abort()"
        with self.assertRaises(Wrong) as caught:
            ALL["2b"].judge(Subject(f'{sys.executable} -c "{program}"', CHECKS))
        self.assertEqual(caught.exception.last_words, "it has ended with signal 6 / ouch")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            report.print_wrong(ALL["2b"], caught.exception)
        self.assertIn("      the server    it has ended with signal 6 / ouch\n", printed.getvalue())

    def test_a_view_in_the_chapter_is_what_the_solution_mends(self):
        chapter = (ROOT / "step04_asgi/README.md").read_text()
        given = re.search(r"^awaitable<void> last\(.*?^}$", chapter, re.M | re.S)[0]
        patch = (SOLUTIONS / "4d.patch").read_text()
        mended = re.search(r"^\+awaitable<void> last\(.*?^\+}$", patch, re.M | re.S)[0]
        self.assertEqual(given.replace("string_view last_name", "string last_name"),
                         re.sub(r"^\+", "", mended, flags=re.M))

    def test_of_a_sanitizers_report_the_places_in_the_sources_are_told(self):
        text = """\
==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x60 at pc 0x7f bp 0x7f sp 0x7f
READ of size 3 at 0x60 thread T0
    #0 0x7f in memcpy ../../../../src/libsanitizer/interceptors.inc:827
    #1 0x55 in last(_ZN4lastEv.Frame*) my_server/src/demo/http.cpp:213
freed by thread T0 here:
    #0 0x7f in operator delete(void*, unsigned long) ../../src/libsanitizer/new.cpp:164
    #1 0x55 in ~Session src/session.cpp:20
"""
        self.assertEqual(sanitizer.explain(text, ROOT / "step04_asgi"), [
            "AddressSanitizer: heap-use-after-free", "  READ of size 3",
            "    in last, demo/http.cpp:213", "  freed", "    in ~Session, session.cpp:20"])
        self.assertEqual(sanitizer.explain("READ of size 3", ROOT), [])

    def test_a_router_that_tries_all_routes_is_too_slow(self):
        with tempfile.TemporaryDirectory() as scratch:
            router = pathlib.Path(scratch, "src/demo/router.hpp")
            router.parent.mkdir(parents=True)
            router.write_text(TABLE)
            with self.assertRaisesRegex(Wrong, "eight times at least"):
                ALL["4e"].judge(Subject("", CHECKS, pathlib.Path(scratch)))
            router.write_text(TABLE.replace("int route", "int rout"))
            with self.assertRaisesRegex(Wrong, "no error"):
                ALL["4e"].judge(Subject("", CHECKS, pathlib.Path(scratch)))

    def test_the_report_puts_a_mark_below_the_byte(self):
        wrong = Wrong([["we sent", b"a"], ["we received", b"x\r\n\tyz"], ["", "then a reset"]],
                      '"q"', "a rule", 5)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            report.print_wrong(ALL["1b"], wrong)
        self.assertEqual(
            printed.getvalue().splitlines(),
            [
                "  FAIL  1b  an echo that shouts",
                '      we sent       "a"',
                '      we received   "x\\r\\n"',
                '                    "\\tyz"',
                '                        ^ expected "q" here',
                "                    then a reset",
                "      the rule      a rule",
                "      look at       serve() in session.cpp",
                "",
            ],
        )


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
