"""Each exercise is todo on the step as it is, done with its solution, and wrong when nearly done.

  exercises_test.py REPOSITORY BUILD CHECKS
"""

import contextlib
import concurrent.futures
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT, BUILD, CHECKS = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
sys.path.insert(0, str(ROOT / "tests/patched"))
HERE = pathlib.Path(__file__).resolve().parent

import patched
import report
from conversation import Todo, Wrong
from exercises import ALL, chosen, hint_of, judge

STEPS = [step for step in sorted(ROOT.glob("step[0-9][0-9]_*"))
         if (BUILD / step.name / step.name).exists()]  # one may be left out for what it needs
SOLUTIONS = HERE / "solutions"
# A change of the solution that makes it wrong: number, file, what it has, what it gets instead,
# and a word of the report.
NEARLY = [
    ("1.2", "session.cpp", "c <= 'z'", "c < 'z'", "every other byte as it was"),
    ("1.3", "session.cpp", "{ --count; }", "{}", "who has gone is not counted"),
    ("2.2", "http/response.cpp", '301, "Moved Permanently"', '301, "OK"', "the phrase of 301"),
    ("2.3", "http/request.cpp", 'iequals(name, "content-type")', 'name == "Content-Type"',
     "capitals"),
    ("3.2", "session.cpp", "requests_ >= options_", "requests_ > options_", "the third answer"),
    ("3.3", "session.cpp", "size += piece.size();",
     "response.content += piece; size += piece.size();", "one piece of the body is held"),
    ("4.2", "server_timing.cpp", "get_if<asgi::HttpResponseStart>(&event)) {",
     "get_if<asgi::HttpResponseStart>(&event); start && start->status == 200) {", "one field"),
    ("4.3", "demo/http.cpp", "timer.expires_after(500ms);",
     "for (const auto end = std::chrono::steady_clock::now() + 500ms;"
     " std::chrono::steady_clock::now() < end;) continue; timer.expires_after(0ms);",
     "do not block the thread"),
    ("5.2", "demo/chat.cpp", "if (member->name() != name) continue;", "", "a whisper is not"),
    ("5.3", "same_origin.cpp", '*origin != "http://" + host',
     '!origin->starts_with("http://" + host)', "is denied with 403"),
]


def state(exercise, program):
    """Returns "todo", "done" or the rule that is broken."""
    try:
        exercise.judge(f"{program} --port {{port}} {{options}}", CHECKS)
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
    """Whether a solution fits a step; an echo's exercises have their meaning in step 01 only."""
    if number.startswith("1.") and not step.name.startswith("step01"):
        return False
    try:
        with solved(number, step):
            return True
    except patched.Failed:
        return False


def try_solution(number, step):
    """Returns what is wrong with the solution of an exercise in a step."""
    before = state(ALL[number], BUILD / step.name / step.name)
    with solved(number, step) as tree:
        program = patched.build(tree, step, BUILD)
        after = state(ALL[number], program)
        own = step.name.startswith(f"step0{number[0]}") and not number.startswith("1.")
        kept = not own or ALL[number].breaks or keeps_all_checks(program, step)
    faults = [] if before == "todo" else [f"it is {before}, and not todo, without its solution"]
    faults += [] if after == "done" else [f"its solution breaks the rule: {after}"]
    faults += [] if kept else ["its solution fails the checks of the step"]
    return [f"{number} in {step.name}: {fault}" for fault in faults]


def keeps_all_checks(program, step):
    command = f"{program} --port {{port}} {{options}}"
    words = [CHECKS, "--server", command, "--step", str(int(step.name[4:6]))]
    return subprocess.run(words, stdout=subprocess.DEVNULL).returncode == 0


def try_nearly(number, file, old, new, rule):
    """Returns what is wrong with the report on an exercise that is nearly done."""
    step = next(step for step in STEPS if step.name.startswith(f"step0{number[0]}"))
    with solved(number, step) as tree:
        patched.replace_once(tree / "src" / file, old, new)
        seen = state(ALL[number], patched.build(tree, step, BUILD))
    return [] if rule in seen else [f"{number}: nearly right, and the report is: {seen}"]


def in_parallel(function, cases):
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        found = pool.map(lambda case: function(*case), cases)
        return [fault for faults in found for fault in faults]


class ExercisesTest(unittest.TestCase):
    def test_each_solution_where_it_fits(self):
        cases = [
            (number, step)
            for number in ALL
            for step in STEPS
            if step.name >= f"step0{number[0]}" and applies(number, step)
        ]
        for number in ALL:  # at least in its own step
            self.assertIn(f"step0{number[0]}", [step.name[:6] for n, step in cases if n == number])
        self.assertEqual(in_parallel(try_solution, cases), [])
        print(f"{len(ALL)} exercises, {len(cases)} times solved", end=" ", flush=True)

    def test_what_is_nearly_right_is_wrong(self):
        self.assertEqual({case[0] for case in NEARLY}, {n for n in ALL if not ALL[n].breaks})
        self.assertEqual(in_parallel(try_nearly, NEARLY), [])

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
            number, title = "2.2", "a page"

            def judge(self, *_):
                self.judge = self.todo

            def todo(self, *_):
                raise Todo

        printed, exercise = io.StringIO(), Once()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
            for _ in range(2):
                judge(exercise, "", "", pathlib.Path(folder, "new/done"))
            self.assertEqual(pathlib.Path(folder, "new/done").read_text(), "2.2\n")
        self.assertEqual(printed.getvalue().splitlines(),
                         ["  done  2.2  a page", "  todo  2.2  a page, and was done"])

    def test_a_solution_has_no_more_than_its_step(self):
        for number in ALL:
            text = (SOLUTIONS / f"{number}.patch").read_text()
            steps = set(re.findall(r"^diff --git a/([^/]+)/", text, re.M))
            self.assertEqual([step[:6] for step in steps], [f"step0{number[0]}"])

    def test_a_number_chooses_a_step_or_one_exercise(self):
        self.assertEqual([e.number for e in chosen("2")], ["2.1", "2.2", "2.3"])
        self.assertEqual([e.number for e in chosen("3.2")], ["3.2"])
        self.assertEqual(chosen("9"), [])

    def test_a_server_of_an_earlier_step_is_refused_with_the_way_back(self):
        for number, step in (("2.2", 1), ("3.1", 2), ("3.1", 3), ("4.1", 3), ("5.1", 4)):
            with self.subTest(number, step=step):
                name = STEPS[step - 1].name
                server = f"{BUILD / name / name} --port {{port}} {{options}}"
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
            ALL["2.2"].judge(f'{sys.executable} -c "{program}"', CHECKS)
        self.assertEqual(caught.exception.last_words, "it has ended with signal 6 / ouch")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            report.print_wrong(ALL["2.2"], caught.exception)
        self.assertIn("      the server    it has ended with signal 6 / ouch\n", printed.getvalue())

    def test_the_report_puts_a_mark_below_the_byte(self):
        wrong = Wrong([["we sent", b"a"], ["we received", b"x\r\n\tyz"], ["", "then a reset"]],
                      '"q"', "a rule", 5)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            report.print_wrong(ALL["1.2"], wrong)
        self.assertEqual(
            printed.getvalue().splitlines(),
            [
                "  FAIL  1.2  an echo that shouts",
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
