"""./workshop, in a folder with small steps, and with stand-ins for the programs that it calls."""

import contextlib
import os
import pathlib
import pty
import shutil
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from folder import FolderTest  # noqa: E402

WORKSHOP = pathlib.Path(__file__).resolve().parents[2] / "workshop"
TOOLS = "bash dirname cat chmod sed awk grep touch tr tee tail mkdir rm find sort wc cmp git"
TOOLS += " cp mv date fold xargs cksum sleep sh uname df getconf cut"
QUIET = ["--port", "1"]  # where no program listens, or the test would depend on it
CMAKE = """#!/bin/sh
echo "cmake $*" >>calls
case $1 in
  --version) echo "cmake version ${CMAKE_VERSION:-3.25.1}" ;;
  --preset) mkdir -p build/default/step02_two && touch build/default/build.ninja ;;
  --build) printf '#!/bin/sh\\necho serving $*\\n' >build/default/step02_two/step02_two
    chmod +x build/default/step02_two/step02_two
    mkdir -p build/default/tests/checks
    if [ -e checks ]; then cp checks build/default/tests/checks/; fi ;;
esac
"""
CTEST = """#!/bin/sh
echo "ctest $*" >>calls
while [ "$1" != --output-junit ]; do shift; done
echo '<testsuite name="x" tests="9" failures="2" disabled="0" skipped="1">' >"$2"
exit 8
"""
CHECKS = """#!/bin/sh
echo "checks $*" >>calls
printf '  FAIL  a\\n  FAIL  b\\n'
case "$*" in *bad*) exit 1 ;; esac
"""
STEPS = {
    "step01_one/CMakeLists.txt": "project(step)\n",
    "step01_one/README.md": "One.\n",
    "step01_one/src/main.cpp": "a\nb\nc\n",
    "step02_two/CMakeLists.txt": "project(step)\n",
    "step02_two/README.md": "Two.\n",
    "step02_two/src/main.cpp": "a\nB\nc\n",
    "step02_two/src/http/error.hpp": "// x\n/// An error: what\n/// is a.b c. More.\n",
    "step02_two/src/http/error.cpp": "f\n",
    "tests/ladder/ladder.ini": "[step01_one]\nfiles =\n  + src/main.cpp\n"
    "[step02_two]\nfiles =\n  ~ src/main.cpp\n  + src/http/error.hpp src/http/error.cpp\n",
}


class WorkshopTest(FolderTest):
    files = STEPS

    def setUp(self):
        super().setUp()
        self.bin = self.root.parent / "bin"
        self.bin.mkdir()
        shutil.copy(WORKSHOP, self.root)
        for tool in TOOLS.split():
            (self.bin / tool).symlink_to(shutil.which(tool))

    def give(self, **programs):
        """Puts stand-ins where the script finds programs."""
        for name, text in programs.items():
            path = self.bin / name.replace("__", "++").replace("_", "-")
            path.unlink(missing_ok=True)
            path.write_text(text)
            path.chmod(0o755)

    def give_all(self):
        true = "#!/bin/sh\n"
        self.give(c__=true, ninja=true, python3=true, curl=true, nc=true, cmake=CMAKE, ctest=CTEST)

    def run_it(self, *arguments, **environment):
        """Returns the exit status, the lines of standard output, and standard error."""
        done = subprocess.run(
            [self.root / "workshop", *arguments],
            env={"PATH": str(self.bin), "HOME": os.environ.get("HOME", "/"), **environment},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout.splitlines(), done.stderr

    def test_start_copies_a_step_and_keeps_the_server_of_before(self):
        status, lines, _ = self.run_it("start", "2")
        self.assertEqual((status, lines[0]), (0, "my_server/ is a copy of step02_two"))
        mine = self.root / "my_server/src/main.cpp"
        self.assertEqual(mine.read_text(), "a\nB\nc\n")
        mine.write_text("mine\n")
        _, lines, _ = self.run_it("start", "1")
        self.assertEqual(mine.read_text(), "a\nb\nc\n")
        self.assertRegex(lines[0], r"^your earlier my_server/ is now my_server_\S+/$")
        kept = self.root / lines[0].split()[-1]
        self.assertEqual((kept / "src/main.cpp").read_text(), "mine\n")

    def give_checks(self):
        self.give_all()
        (self.root / "checks").write_text(CHECKS)
        (self.root / "checks").chmod(0o755)

    def test_check_builds_my_server_by_its_own_rules(self):
        self.give_checks()
        self.assertIn("there is no my_server/ yet: ./workshop start 1", self.run_it("check")[2])
        self.run_it("start", "2")
        self.assertEqual(self.run_it("check")[0], 0)
        self.assertIn("cmake -G Ninja -S my_server -B build/my_server", self.calls())
        self.assertIn("cmake --build build/my_server", self.calls())
        command = "--server build/my_server/my_server --port {port} {options}"
        self.assertIn(f"checks {command} --climb --progress build/progress "
                      "--more ./workshop check {step}", self.calls())

    def test_run_takes_my_server_too(self):
        self.give_all()
        self.run_it("start", "2")
        (self.root / "build/my_server").mkdir(parents=True)
        program = self.root / "build/my_server/my_server"
        program.write_text("#!/bin/sh\necho mine $* $PYTHONPATH\n")
        program.chmod(0o755)
        status, lines, _ = self.run_it("run", "my_server", *QUIET)
        self.assertEqual((status, lines[-1]), (0, "mine --port 1"))
        (self.root / "my_server/applications").mkdir()
        line = self.run_it("run", "my_server", "x:app", *QUIET)[1][-1]
        self.assertEqual(line, f"mine x:app --port 1 {self.root}/my_server/applications")
        self.assertIn("cmake --build build/my_server", self.calls())

    def test_check_climbs_and_says_how_to_see_the_rest(self):
        self.give_checks()
        for name, expected in (("bad", 1), ("good", 0)):
            status, lines, error = self.run_it("check", name + " {port}")
            self.assertEqual((status, error, lines[-1]), (expected, "", "  FAIL  b"))
            more = f'./workshop check {{step}} "{name} {{port}}"'
            self.assertIn(f"checks --server {name} {{port}} --climb --progress build/progress "
                          f"--more {more}", self.calls())

    def test_check_of_one_step_shows_its_whole_report(self):
        self.give_checks()
        status, lines, _ = self.run_it("check", "02", "bad {port}")
        self.assertEqual((status, lines[-2:]), (1, ["  FAIL  a", "  FAIL  b"]))
        self.assertIn("checks --server bad {port} --step 2 --progress build/progress", self.calls())
        self.assertEqual(self.run_it("check", "2", "good {port}")[0], 0)

    def test_check_of_one_step_hands_options_to_the_checks(self):
        self.give_checks()
        self.run_it("check", "2", "--all", "bad {port}", "-tc=*a b*")
        self.assertIn("checks --server bad {port} --step 2 --all -tc=*a b*", self.calls())

    def calls(self):
        return (self.root / "calls").read_text().splitlines()

    def test_diff_shows_hunks_folds_new_files_and_sums_up_in_the_manifests_order(self):
        status, lines, _ = self.run_it("diff", "1", "02")
        self.assertEqual(status, 0)
        self.assertEqual(
            lines,
            [
                "step01_one -> step02_two",
                "",
                "main   +1 -1",
                "main.cpp",
                "@@ -1,3 +1,3 @@",
                " a",
                "-b",
                "+B",
                " c",
                "",
                "+ http/error  (4 lines)  An error: what is a.b c.",
                "",
                "2 new files, 1 changed: +5 -1 lines",
            ],
        )

    def test_diff_in_full_shows_new_files(self):
        _, lines, _ = self.run_it("diff", "1", "--full", "step02_two/")
        self.assertEqual(lines[11:14], ["@@ -0,0 +1,3 @@", "+// x", "+/// An error: what"])

    def test_diff_of_one_file_shows_all_of_it_and_nothing_else(self):
        for name in ("error", "src/http/error"):
            _, lines, _ = self.run_it("diff", "1", "2", name)
            self.assertEqual(lines[1], "+ http/error  (4 lines)  An error: what is a.b c.")
            self.assertEqual(lines[-2:], ["@@ -0,0 +1 @@", "+f"])

    def test_diff_of_a_header_or_a_source_is_not_that_of_the_other(self):
        for name, last in ("src/http/error.hpp", "@@ -0,0 +1,3 @@"), ("error.cpp", "@@ -0,0 +1 @@"):
            _, lines, _ = self.run_it("diff", "1", "2", name)
            self.assertEqual([line for line in lines if line.startswith("@@")], [last])
            self.assertIn(f"+ http/error{name[-4:]}", lines[1])

    def test_diff_of_a_file_that_is_the_same(self):
        _, _, error = self.run_it("diff", "1", "2", "nothing")
        self.assertIn("'nothing' is the same in both, or in neither; what differs: main http/error", error)

    def test_a_long_purpose_stands_below_its_file(self):
        header = self.root / "step02_two/src/http/error.hpp"
        header.write_text("/// " + "word " * 30 + "end.\n")
        _, lines, _ = self.run_it("diff", "1", "2")
        below = lines[lines.index("+ http/error  (2 lines)") + 1 :][:2]
        self.assertLessEqual(max(map(len, below)), 96)
        self.assertEqual(" ".join("".join(below).split()), "word " * 30 + "end.")

    def test_the_purpose_of_a_file_of_python_is_that_of_its_docstring(self):
        module = self.root / "step02_two/src/python/bridge.py"
        module.parent.mkdir()
        for text, purpose in ('"""What is\nasked a.b. More."""\nx = 1\n', "  What is asked a.b."), ("x = 1\n", ""):
            module.write_text(text)
            _, lines, _ = self.run_it("diff", "1", "2")
            self.assertIn(f"+ python/bridge.py  ({text.count(chr(10))} lines){purpose}", lines)

    def test_diff_of_files_that_no_manifest_names_goes_by_their_names(self):
        (self.root / "tests/ladder/ladder.ini").unlink()
        _, lines, _ = self.run_it("diff", "1", "2")
        self.assertLess(lines.index("+ http/error  (4 lines)  An error: what is a.b c."),
                        lines.index("main   +1 -1"))

    def test_help_is_shown_for_each_command_and_nothing_is_done(self):
        for command in ("run", "start", "test", "diff", "check"):
            status, lines, error = self.run_it(command, "--help")
            self.assertEqual((status, lines[0], error), (0, "usage: ./workshop COMMAND", ""))

    def test_a_port_that_is_taken_is_told_with_the_way_out(self):
        self.give_all()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            for option in (["--port", port], ["--port=" + port],
                           ["--host", "0.0.0.0", "--port", port]):
                status, lines, error = self.run_it("run", "2", *option)
                self.assertEqual(status, 1)
                self.assertIn(f"another program listens on port {port}: end it, or "
                              "./workshop run 2 --port 9000", error)
                self.assertNotIn("curl", "\n".join(lines))

    def test_what_is_asked_wrongly_is_refused_in_one_line(self):
        for arguments, words in (
            (["diff", "1"], "diff takes two steps"),
            (["diff", "1", "7"], "there is no step '7'; there are: step01_one step02_two"),
            (["run", "two"], "there is no step 'two'"),
            (["fly"], "there is no command 'fly'"),
            (["fuzz", "tea"], "there is no fuzzer 'tea'"),
            (["carry"], "carry takes a step"),
            (["carry", "7"], "there is no step '7'"),
            (["exercise", "2.3"], "there is no exercise '2.3'"),
            (["exercise", "9"], "there is no exercise '9'"),
            (["test", "2", "1"], "test takes one step"),
            (["start"], "start takes one step"),
            (["start", "7"], "there is no step '7'"),
            (["check", "2", "my_server --port 8000"], "the command needs {port}"),
            (["hint"], "hint takes a move: ./workshop hint 2.1"),
            (["hint", "2"], "hint takes a move: ./workshop hint 2.1"),
            (["solution", "2"], "solution takes a move: ./workshop solution 2.1"),
            (["solution", "2.7"], "there is no move '2.7'"),
            (["exercise", "2", "--solution"], "one exercise has a solution"),
            (["exercise", "2", "--tea"], "exercise has no option '--tea'"),
            (["bundle"], "bundle collects packages of Debian or Ubuntu"),
            (["watch"], "there is no my_server/ yet"),
            (["check", "--all"], "--all goes with a step: ./workshop check 2 --all"),
        ):
            with self.subTest(arguments):
                status, lines, error = self.run_it(*arguments)
                self.assertEqual((status, lines, error.count("\n")), (1, [], 1))
                self.assertIn(words, error)

    def test_without_apt_only_the_missing_packages_are_named_and_nothing_is_done(self):
        self.give(c__="#!/bin/sh\n", curl="#!/bin/sh\n", python3="#!/bin/sh\n")
        before = sorted(self.root.rglob("*"))
        status, lines, error = self.run_it("run")
        self.assertEqual((status, lines), (1, []))
        self.assertEqual(sorted(self.root.rglob("*")), before)
        for line in (
            "sudo apt-get install cmake ninja-build",
            "sudo dnf install cmake ninja-build",
            "sudo pacman -S cmake ninja",
            "brew install cmake ninja",
        ):
            self.assertIn(line, error)
        for present in ("g++", "gcc", "curl", "python"):
            self.assertNotIn(present, error)

    def test_doctor_tells_in_one_line_what_is_missing_and_installs_nothing(self):
        self.give(c__="#!/bin/sh\n", curl="#!/bin/sh\n", apt_get='#!/bin/sh\necho "$@" >>calls\n')
        before = sorted(self.root.rglob("*"))
        status, lines, error = self.run_it("doctor")
        self.assertEqual((status, len(lines), error), (1, 1, ""))
        self.assertRegex(lines[0], r"^not ready, missing: cmake ninja-build .*; .*; .*prepared: nothing$")
        self.assertEqual(sorted(self.root.rglob("*")), before)

    def test_doctor_of_a_machine_that_has_all(self):
        self.give_all()
        self.give(c__="#!/bin/sh\ncase $* in *-P*) echo 103002 ;; *version*) echo 'c++ 12.2' ;; esac\n",
                  git="#!/bin/sh\necho 1a2b3c4\n", nc="#!/bin/sh\n")
        status, lines, _ = self.run_it("doctor")
        self.assertEqual(status, 0)
        self.assertRegex(lines[0], r"^installed, not prepared: ./workshop prepare; 1a2b3c4; .* cores; "
                                   r"c\+\+ 12.2, cmake 3.25.1, .*asio 1.30.2; \d+ GB free; "
                                   r"prepared: nothing$")
        self.assertNotIn("\n", lines[0])
        status, lines, _ = self.run_it("doctor", CMAKE_VERSION="3.22.1")
        self.assertEqual((status, lines[0].split(";")[0]), (1, "not ready, missing: a newer cmake"))

    def test_doctor_of_a_compiler_without_coroutines(self):
        self.give_all()
        self.give(c__="#!/bin/sh\nif grep -q '<coroutine>'; then exit 1; fi\n")
        status, lines, _ = self.run_it("doctor")
        self.assertEqual((status, lines[0].split(";")[0]), (1, "not ready, missing: a newer compiler"))

    def test_a_terminal_shows_the_address_as_a_picture(self):
        self.give_all()
        self.give(hostname="#!/bin/sh\necho 192.0.2.7\n", qrencode='#!/bin/sh\necho "qr: $*"\n')
        command = ["run", "2", *QUIET, "--host", "0.0.0.0"]
        picture = "qr: -t ANSIUTF8 -m 2 http://192.0.2.7:1/"
        self.assertNotIn(picture, self.run_it(*command)[1])
        ours, theirs = pty.openpty()
        with open(ours, "rb", buffering=0) as terminal:
            shown = subprocess.Popen([self.root / "workshop", *command], stdin=subprocess.DEVNULL,
                                     stdout=theirs, env={"PATH": str(self.bin)})
            os.close(theirs)
            text = b""
            with contextlib.suppress(OSError):  # the end of a terminal
                while piece := terminal.read(65536):
                    text += piece
            shown.wait()
        self.assertIn(picture, text.decode().splitlines())

    def test_prepare_builds_what_a_step_needs_and_once_more_as_my_server(self):
        self.give_all()
        self.give(ccache="#!/bin/sh\n", cmake=CMAKE.replace("serving", "listening on nothing"))
        status, lines, error = self.run_it("prepare", "2")
        self.assertEqual((status, error), (0, ""))
        self.assertIn("ready: 1 of 1 steps start; from here on no network is needed", lines)
        self.assertIn("cmake --build build/default --target checks step02_two tests_step02",
                      self.calls())
        launcher = "-D CMAKE_CXX_COMPILER_LAUNCHER=ccache"
        self.assertIn("cmake -G Ninja -S build/prepare/my_server -B build/prepare/build/my_server "
                      + launcher, self.calls())
        line = self.run_it("doctor")[1][0]
        self.assertEqual((line.split(";")[0], line.split("; ")[-1]), ("ready", "prepared: steps 2"))
        self.assertFalse((self.root / "my_server").exists())

    def test_bundle_takes_all_packages_whatever_is_installed_here(self):
        self.give_all()
        self.give(apt_get="#!/bin/sh\nexit 1\n", dpkg_deb="#!/bin/sh\n", git="#!/bin/sh\n",
                  du="#!/bin/sh\necho 138 x\n", cut="#!/bin/sh\necho 138\n")
        self.assertIn("make it in a clone", self.run_it("bundle")[2])
        (self.root / ".git").mkdir()
        self.write("slides/dist/index.html", "the deck")
        self.write("teaching/stick/make.sh", 'echo "$*" >made\n')
        # Who cannot update the lists of packages takes them as they are.
        self.give(apt_get="#!/bin/sh\n", sudo='#!/bin/sh\nexit 1\n')
        status, lines, error = self.run_it("bundle")
        self.assertEqual((status, error), (0, ""))
        self.assertIn("build/workshop-bundle.tar: 138 MB; how to use it: teaching/before_the_day.md",
                      lines)
        made = (self.root / "made").read_text().split()
        self.assertEqual(made[0], "build/workshop-bundle")
        self.assertLessEqual({"g++", "cmake", "libasio-dev", "git", "curl", "ccache"}, set(made))

    def test_prepare_says_what_does_not_start(self):
        self.give_all()
        status, _, error = self.run_it("prepare", "2")
        self.assertEqual((status, error), (1, "workshop: step02_two is built, and does not start: "
                                              "./workshop run step02_two\n"))
        self.assertEqual(self.run_it("prepare", "7")[0], 1)

    def test_who_listens_everywhere_is_told_where_others_find_it(self):
        self.give_all()
        self.give(hostname="#!/bin/sh\necho 127.0.0.1 192.0.2.7 172.17.0.1 fd00::2\n")
        told = "  others on the same network:  http://192.0.2.7:1/"
        for host in (["--host", "0.0.0.0"], ["--host=::"]):
            lines = self.run_it("run", "2", *QUIET, *host)[1]
            self.assertEqual([line for line in lines if "others" in line], [told])
        self.assertNotIn("others", "".join(self.run_it("run", "2", *QUIET)[1]))
        self.give(hostname="#!/bin/sh\nexit 1\n",
                  ifconfig="#!/bin/sh\nprintf 'en0:\\n\\tinet 127.0.0.1\\n\\tinet 192.0.2.7 x\\n'\n")
        self.assertIn(told, self.run_it("run", "2", *QUIET, "--host", "0.0.0.0")[1])
        self.give(ifconfig="#!/bin/sh\n")
        self.assertIn("  no address was found at which others could reach this machine",
                      self.run_it("run", "2", *QUIET, "--host", "0.0.0.0")[1])

    def test_mutate_builds_everything_and_passes_its_options_on(self):
        self.give_all()
        self.give(python3='#!/bin/sh\necho "python3 $*"\n')
        status, lines, _ = self.run_it("mutate", "--count", "9")
        self.assertEqual((status, lines[-1]), (0, "python3 -B tests/mutations/mutate.py . "
                                                  "build/default --count 9"))

    def test_exercise_judges_my_server_or_a_command(self):
        self.give_checks()
        self.give(python3='#!/bin/sh\necho "$*"\n')
        judge = "-B tests/exercises/exercises.py"
        self.assertEqual(self.run_it("exercise")[1], [judge])
        self.run_it("start", "2")
        checks = "--checks build/default/tests/checks/checks --done build/progress/exercises"
        mine = "--server build/my_server/my_server --port {port} {options}"
        self.assertEqual(self.run_it("exercise", "2")[1][-1],
                         f"{judge} 2 {mine} {checks} --sources my_server")
        yours = self.run_it("exercise", "2c", "x {port}")[1][-1]
        self.assertEqual(yours, f"{judge} 2c --server x {{port}} {checks}")

    PATCH = "Title: A\n\ndiff --git a/src/a.cpp b/src/a.cpp\n--- a/src/a.cpp\n+++ b/src/a.cpp\n" \
        "@@ -1 +1 @@\n-old\n+new\n"

    def test_the_solution_of_a_move_opens_when_check_has_reached_it(self):
        self.write("step02_two/moves/3_three.patch", self.PATCH)
        shown = ["", "src/a.cpp", "@@ -1 +1 @@", "-old", "+new"]
        for reached, opens in ((None, False), ("2.2", False), ("1.9", False), ("2.3", True),
                               ("2.10", True), ("3.0", True)):
            with self.subTest(reached):
                if reached:
                    self.write("build/progress/my_server", f"step02 9 9\nreached {reached}\n")
                status, lines, error = self.run_it("solution", "2.3")
                self.assertEqual((status, lines), (0, shown) if opens else (1, []))
                self.assertEqual("opens when `./workshop check 2.3` passes" in error, not opens)
        self.write("build/progress/my_server", "reached 1.0\n")
        self.assertEqual(self.run_it("solution", "2.3", "--now")[1], shown)

    def test_the_solution_of_an_exercise_opens_when_it_was_done(self):
        self.give(python3="#!/bin/sh\n")
        self.write("tests/exercises/solutions/2c.patch", self.PATCH)
        self.write("build/progress/exercises", "2a\n12c\n")
        status, lines, error = self.run_it("exercise", "2c", "--solution")
        self.assertEqual((status, lines), (1, []))
        self.assertIn("opens when the exercise is done; or now, with --now", error)
        self.assertEqual(self.run_it("exercise", "2c", "--solution", "--now")[1][1], "src/a.cpp")
        self.write("build/progress/exercises", "2a\n2c\n")
        self.assertEqual(self.run_it("exercise", "2c", "--solution")[1][-1], "+new")

    def test_hints_need_no_build(self):
        self.give(python3='#!/bin/sh\necho "$*"\n')
        self.assertEqual(self.run_it("hint", "2.1")[1],
                         ["-B tests/moves/hint.py 2.1 --seen build/progress/hints"])
        self.assertEqual(self.run_it("exercise", "2a", "--hint")[1],
                         ["-B tests/exercises/exercises.py 2a --hint"])

    def test_watch_checks_again_when_a_file_has_changed_and_ctrl_c_ends_it(self):
        self.give_checks()
        self.run_it("start", "2")
        watching = subprocess.Popen([self.root / "workshop", "watch", "2"], text=True,
                                    env={"PATH": str(self.bin)}, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, start_new_session=True)
        self.addCleanup(watching.stdout.close)
        self.addCleanup(watching.wait)
        self.addCleanup(lambda: watching.poll() is None and os.killpg(watching.pid, signal.SIGKILL))

        def next_round():
            lines = iter(watching.stdout.readline, "watching; Ctrl-C ends it\n")
            return [line for line in lines if line]

        self.assertIn("  FAIL  b\n", next_round())
        (self.root / "my_server/src/.main.cpp.swp").write_text("an editor's\n")
        (self.root / "changed").write_text("changed\n")
        (self.root / "changed").rename(self.root / "my_server/src/main.cpp")
        self.assertIn("  FAIL  b\n", next_round())
        (self.root / "my_server/src/new.cpp").touch()
        next_round()
        os.killpg(watching.pid, signal.SIGINT)
        self.assertEqual((watching.wait(20), watching.stdout.read()), (0, "\n"))
        judged = [call for call in self.calls() if call.startswith("checks ")]
        self.assertEqual(len(judged), 3)

    def test_slides_fetches_its_tools_once_and_needs_no_compiler(self):
        npm = '#!/bin/sh\necho "npm $*" >>calls\nmkdir -p slides/node_modules\n'
        npm += "touch slides/node_modules/.package-lock.json\n"
        self.give(node="#!/bin/sh\n", npm=npm, chromium="#!/bin/sh\n")
        (self.root / "slides").mkdir()
        (self.root / "slides/package-lock.json").write_text("{}")
        for _ in range(2):
            self.assertEqual(self.run_it("slides")[0], 0)
        fetch = "npm --prefix slides ci --no-audit --no-fund"
        make = [f"npm --prefix slides run --silent {part}" for part in ("build", "handout")]
        self.assertEqual(self.calls(), [fetch, *make, *make])

    def test_slides_names_what_it_lacks(self):
        self.give(node="#!/bin/sh\n")
        status, lines, error = self.run_it("slides")
        self.assertEqual((status, lines), (1, []))
        self.assertIn("sudo apt-get install npm chromium\n", error)

    def test_carry_finds_the_step_by_its_number(self):
        self.give(python3='#!/bin/sh\necho "$*"\n')
        status, lines, _ = self.run_it("carry", "1", "HEAD~2")
        self.assertEqual((status, lines), (0, ["tests/ladder/carry.py step01_one HEAD~2"]))

    def test_an_old_cmake_is_named(self):
        self.give_all()
        status, _, error = self.run_it("run", CMAKE_VERSION="3.22.1")
        self.assertEqual(status, 1)
        self.assertIn("cmake 3.22.1 is too old: 3.25 or later", error)

    def test_run_builds_one_program_and_hands_it_its_options(self):
        self.give_all()
        status, lines, _ = self.run_it("run", "2", *QUIET)
        self.assertEqual((status, lines[-1]), (0, "serving --port 1"))
        self.assertIn("curl -v http://127.0.0.1:1/", "\n".join(lines))
        self.assertIn("cmake --build build/default --target step02_two", self.calls())

    def test_the_last_step_runs_by_default_and_is_configured_once(self):
        self.give_all()
        for arguments in (QUIET, [*QUIET, "--no-access-log"]):
            status, lines, _ = self.run_it("run", *arguments)
            self.assertEqual((status, lines[-1]), (0, " ".join(["serving", *arguments])))
        self.assertEqual(self.calls().count("cmake --preset default"), 1)

    def test_test_ends_with_the_plain_total_and_fails_as_ctest_does(self):
        self.give_all()
        status, lines, _ = self.run_it("test", "1")
        self.assertEqual((status, lines[-1]), (8, "6 passed, 2 failed, 1 skipped"))
        self.assertIn("--label-regex ^step01$", self.calls()[-1])
        self.assertIn("cmake --build build/default --target tests_step01", self.calls())

    def test_test_finds_what_has_been_installed_since(self):
        self.give_all()
        for _ in range(2):
            self.run_it("test", "1")
        self.assertEqual(self.calls().count("cmake --preset default"), 2)


if __name__ == "__main__":
    unittest.main()
