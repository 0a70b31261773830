"""The runner of the chapters fails where a chapter is not true."""

import pathlib
import sys
import tempfile
import unittest

import chapters

SERVER = """\
#!PYTHON
import http.server, signal, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        words = ["you asked", self.headers["host"], *sys.argv[3:]]
        body = " ".join(words).encode() + b"\\n"
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), Handler)
signal.signal(signal.SIGINT, lambda *_: sys.exit(STATUS))
print("listening on http://127.0.0.1:8000", flush=True)
server.serve_forever()
"""
GET = "python3 -c 'import urllib.request as u; r = u.urlopen(\"http://127.0.0.1:8000/\"); "


class ChaptersTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_chapter(self, text, status=0):
        """Returns the count and the faults of a chapter with this text."""
        server = self.folder / "server"
        server.write_text(SERVER.replace("PYTHON", sys.executable).replace("STATUS", str(status)))
        server.chmod(0o755)
        chapter = self.folder / "README.md"
        chapter.write_text(text)
        return chapters.run_chapter(chapter, str(server))

    def console(self, *lines):
        return self.run_chapter("\n".join(["# Title", "```console", *lines, "```", ""]))

    def test_output_as_shown_passes(self):
        get = GET + "print(r.read().decode(), end=\"\")'"
        self.assertEqual(self.console("$ " + get, "you asked 127.0.0.1:8000"), (1, []))

    def test_other_output_fails_with_the_difference_and_its_line(self):
        count, faults = self.console("$ echo one", "one", "$ printf 'two\\nthree\\n'", "two", "four")
        self.assertEqual((count, len(faults)), (2, 1))
        self.assertIn("README.md:5: $ printf", faults[0])
        self.assertIn(" two\n-four\n+three", faults[0])

    def test_missing_and_surplus_output_fail(self):
        self.assertEqual(len(self.console("$ true", "something")[1]), 1)
        self.assertEqual(len(self.console("$ echo something")[1]), 1)

    def test_dots_stand_for_any_lines(self):
        lines = "$ seq 5", "1", "...", "4", "..."
        self.assertEqual(self.console(*lines), (1, []))
        self.assertEqual(len(self.console("$ seq 5", "2", "...")[1]), 1)
        self.assertEqual(len(self.console("$ seq 5", "...", "4")[1]), 1)

    def test_dates_are_any_date_but_must_be_one(self):
        shown = "date: Sun, 06 Nov 1994 08:49:37 GMT"
        self.assertEqual(
            self.console("$ echo 'date: Mon, 07 Nov 1994 08:49:37 GMT'", shown), (1, [])
        )
        self.assertEqual(len(self.console("$ echo 'date: now'", shown)[1]), 1)

    def test_a_command_goes_on_after_a_backslash(self):
        self.assertEqual(self.console("$ echo a \\", "  b", "a b"), (1, []))

    def test_a_block_in_a_list_is_indented(self):
        text = "- Here:\n\n  ```console\n  $ echo one\n  one\n  $ echo two\n  2\n  ```\n"
        count, faults = self.run_chapter(text)
        self.assertEqual((count, len(faults)), (2, 1))
        self.assertIn("README.md:6: $ echo two", faults[0])

    def test_a_silent_failure_is_a_fault_and_a_loud_one_is_output(self):
        self.assertEqual(len(self.console("$ false | true")[1]), 1)
        self.assertEqual(self.console("$ echo no; false", "no"), (1, []))

    def test_a_block_names_the_arguments_of_its_server(self):
        command = f"$ {GET}print(r.read().decode(), end=\"\")'"
        blocks = [("console a:app --workers 2", " a:app --workers 2"), ("console", ""),
                  ("console before a:app", " not run"), ("console after", " not run"),
                  ("console by-hand", " not run")]
        text = "".join(f"```{info}\n{command}\nyou asked 127.0.0.1:8000{words}\n```\n"
                       for info, words in blocks)
        self.assertEqual(self.run_chapter(text), (2, []))
        self.assertEqual(list(chapters.commands_of(text, "console before")), [("a:app",)])

    def test_a_server_that_ends_badly_is_a_fault(self):
        with self.assertRaisesRegex(chapters.Fault, "ended with 3"):
            self.run_chapter("```console\n$ true\n```\n", status=3)

    def test_output_without_command_and_open_blocks_are_faults(self):
        with self.assertRaisesRegex(chapters.Fault, "line 3: output before"):
            self.console("one")
        with self.assertRaisesRegex(chapters.Fault, "line 1: this block"):
            self.run_chapter("```console\n$ true\n")

    def test_commands_that_nothing_runs(self):
        def faults(info, command):
            return list(chapters.check_blocks(f"```{info}\n$ {command}\n```\n", {"run"}))

        self.assertEqual(faults("console no-run", "./workshop run 3"), [])
        self.assertEqual(faults("console", "curl x"), [])
        self.assertEqual(faults("console before demo:app", "curl x"), [])
        self.assertEqual(len(faults("console befor", "curl x")), 1)
        self.assertEqual(len(faults("console no-run", "./workshop fly")), 1)
        self.assertEqual(len(faults("console no-run", "curl x")), 1)
        self.assertEqual(len(faults("sh", "curl x")), 1)

    def test_quotes_are_in_the_file_that_they_name(self):
        def faults(path, *lines):
            return list(chapters.check_quotes("\n".join([f"```text {path}", *lines, "```", ""])))

        self.assertEqual(faults("LICENSE", "MIT License", ""), [])
        self.assertEqual(faults("LICENSE", "BSD"), ["line 2: this is not in LICENSE"])
        self.assertEqual(faults("LICENCE", "MIT"), ["line 2: this is not in LICENCE"])

    def test_links(self):
        page = self.folder / "page.md"
        text = "[a](page.md#part) [b](https://example.com/x) [c](#here)\n```\n[d](gone.md)\n```\n"
        page.write_text(text + "see [e](gone.md)\n")
        self.assertEqual(
            list(chapters.check_links(page, page.read_text())), ["line 5: gone.md is not there"]
        )

    def test_the_commands_of_the_workshop_are_found(self):
        self.assertLessEqual({"run", "test", "diff"}, chapters.known_commands())


if __name__ == "__main__":
    unittest.main()
