#!/usr/bin/env python3
"""A day: thirty students work at their own pace, and report to one wall, which is looked at.

usage: day_test.py CHROMIUM ROOM FOLDER [unittest's options]

Screenshots are written to FOLDER.
"""

import os
import pathlib
import random
import sys
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "page"), str(HERE)]
from chromium import Chromium  # noqa: E402
from student import Student  # noqa: E402
from wall import Wall  # noqa: E402

CHROMIUM, ROOM, FOLDER = sys.argv[1:4]
del sys.argv[1:4]

RANDOM = random.Random(16)
HOSTILE = ["<img src=x onerror=alert(1)>"[:24], "\u202egnp.live", "\u200b\u200b", "x" * 24]
NAMES = [f"{word} {number}" for word in ("ada", "bob", "eve", "kim") for number in range(1, 8)]
NAMES = NAMES[:30 - len(HOSTILE)] + HOSTILE
CHECKS = ["answers pipelined requests in order", "refuses a space before the colon",
          "says the type of the answer", "takes a body in chunks that come octet by octet"]
REPORT = """      we sent       "GET /reflect HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"
      we received   "HTTP/1.1 200 OK\\r\\n"
                    "connection: close\\r\\n"
                     ^ expected no field "connection"
                    "content-length: 30\\r\\n"
                    "\\r\\n"
                    "host: x\\n"
      the rule      with HTTP/1.1 a connection is kept unless close is
                    said: nothing need be said
      look at       append_connection() in http/response.cpp
"""
ROWS = """[...document.querySelectorAll('#students li')].map((row) => [
    row.querySelector('.name').textContent, row.querySelector('.at').textContent,
    row.querySelectorAll('.step').length])"""
OUT_OF_SIGHT = """[...document.querySelectorAll('#students li > *, #stuck, header > *')].filter(
    (part) => {
      const box = part.getBoundingClientRect();
      return box.bottom > innerHeight + 1 || box.right > innerWidth + 1 || box.left < 0;
    }).map((part) => part.textContent)"""
OVERLAPPING = """[...document.querySelectorAll('#students li')].filter((row) => {
    const box = row.getBoundingClientRect();
    return [...row.children].some((part) => part.getBoundingClientRect().bottom > box.bottom + 1);
  }).map((row) => row.textContent)"""
LETTERS = """Math.min(...[...document.querySelectorAll('#students .name')].map(
    (name) => parseFloat(getComputedStyle(name).fontSize))) / innerHeight * 720"""


class Pace(threading.Thread):
    """One student's day: three checks with pauses, one of which is a move further each time."""

    def __init__(self, name, url):
        super().__init__()
        self.name_there, self.url = name, url
        self.step, self.move = RANDOM.randint(1, 4), RANDOM.randint(1, 4)
        self.check = RANDOM.choice(CHECKS[:RANDOM.randint(1, 4)])
        self.pauses = [RANDOM.uniform(1.1, 1.6) for _ in range(2)]  # one report a second is taken
        self.errors = []

    def run(self):
        with Student() as student:
            for pause in [0, *self.pauses]:
                time.sleep(pause)
                self.move += 1
                student.stand(self.at(), self.check, REPORT)
                done = self.report(student)
                if done.returncode != 1 or not done.stderr.startswith("reported: "):
                    self.errors.append((done.returncode, done.stdout, done.stderr))

    def report(self, student):
        """Checks until the wall has taken the report: it is given a second, which passes on a machine
        that is busy."""
        while True:
            done = student.check(WORKSHOP_REPORT=self.url, WORKSHOP_NAME=self.name_there)
            if "curl: (28)" not in done.stderr:
                return done
            time.sleep(self.pauses[0])

    def at(self):
        return f"{self.step}.{self.move}"


class Day(unittest.TestCase):
    def setUp(self):
        self.wall = self.enterContext(Wall(ROOM))
        self.browser = Chromium(CHROMIUM)
        self.addCleanup(self.browser.close)
        self.page = self.browser.open(self.wall.url)
        self.page.wait_for("document.body?.className === 'empty'")

    def work(self):
        students = [Pace(name, self.wall.url) for name in NAMES]
        for student in students:
            student.start()
        for student in students:
            student.join()
        self.assertEqual([error for student in students for error in student.errors], [])
        return students

    def test_thirty_students(self):
        students = self.work()
        expected = {student.name_there: student.at() for student in students}
        for name, shown in (("\u200b\u200b", "U+200B U+200B"), ("\u202egnp.live", "\ufffdgnp.live")):
            expected[shown] = expected.pop(name)
        self.page.wait_for(f"{ROWS}.filter(([name, at]) => ({expected})[name] === at).length === 30")
        rows = self.page.evaluate(ROWS)
        self.assertEqual({name: at for name, at, _ in rows}, expected)
        self.assertEqual({steps for _, _, steps in rows}, {5})
        self.judge_what_most_are_stuck_at(students)
        self.look()
        self.judge_what_it_asks_for()
        self.wall.stop()
        self.page.wait_for("at('state').className === 'closed'")
        self.assertEqual(len(self.page.evaluate(ROWS)), 30)

    def judge_what_most_are_stuck_at(self, students):
        checks = [student.check for student in students]
        most = max(set(checks), key=checks.count)
        first = self.page.evaluate("at('checks').firstElementChild.textContent")
        self.assertRegex(first, rf"^{checks.count(most)} at \d\.\d+ {most}$")
        self.assertEqual(self.page.evaluate("at('report').textContent"), REPORT)
        self.page.evaluate("at('checks').lastElementChild.firstElementChild.click()")
        self.assertEqual(self.page.evaluate("[...document.querySelectorAll('#checks button')].map("
                                            "(one) => one.getAttribute('aria-pressed')).join()"),
                         "false,false,true")

    def look(self):
        for width, height in ((1280, 720), (1920, 1080), (1280, 1024)):
            for scheme in ("light", "dark"):
                self.page.look(width, height, scheme)
                self.page.wait_for(f"innerWidth === {width} && innerHeight === {height}")
                self.assertEqual(self.page.evaluate(OUT_OF_SIGHT), [])
                self.assertEqual(self.page.evaluate(OVERLAPPING), [])
                # Of a slide of 720: 18 is 18 mm on a wall that is 1.2 m high.
                self.assertGreaterEqual(self.page.evaluate(LETTERS), 18)
                self.page.screenshot(os.path.join(FOLDER, f"wall-{width}x{height}-{scheme}.png"))

    def judge_what_it_asks_for(self):
        self.assertEqual(self.page.complaints, [])
        self.assertEqual(self.page.evaluate("document.images.length"), 0)
        for url in self.page.urls:
            self.assertRegex(url, f"^(data:|(http|ws)://127.0.0.1:{self.wall.port}/)")


if __name__ == "__main__":
    unittest.main()
