#!/usr/bin/env python3
"""The wall from outside: its addresses, its bounds, and what a page gets. The bounds that need a
clock are tested in roll_test.cpp.

usage: wall_test.py ROOM [unittest's options]
"""

import json
import pathlib
import signal
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]
from wall import Wall, read_exactly, read_text  # noqa: E402

ROOM = sys.argv.pop(1)


class WallTest(unittest.TestCase):
    def setUp(self):
        self.wall = self.enterContext(Wall(ROOM))

    def test_a_report_reaches_the_pages_that_are_open(self):
        socket, status = self.wall.watch()
        with socket:
            self.assertEqual((status, json.loads(read_text(socket))["students"]), (101, []))
            self.assertEqual(self.wall.report(name=" Ada ", next="2.3", check="a check"),
                             (200, "the wall shows it as Ada\n"))
            told = json.loads(read_text(socket))
        self.assertEqual([(told["students"][0][key]) for key in ("name", "next", "check")],
                         ["Ada", [2, 3], "a check"])
        self.assertEqual(len(told["moves"]), 5)

    def test_without_the_token_there_is_nothing(self):
        for path in ("/", "/x", self.wall.path + "x", self.wall.path[:-1], "/live", "*"):
            for method in ("GET", "POST", "OPTIONS"):
                if (path == "*") == (method == "OPTIONS"):
                    with self.subTest(path=path, method=method):
                        self.assertEqual(
                            self.wall.ask(method, path, b"name=Ada" if method == "POST" else None),
                            (404, "the address ends with the token of the day\n"))
        self.assertEqual(self.wall.shown()["students"], [])
        for path in ("x", "/live/", ""):
            socket, status = self.wall.watch(path)
            socket.close()
            self.assertEqual(status, 403)

    def test_a_token_is_of_one_day(self):
        self.assertRegex(self.wall.path, r"^/[a-km-np-z2-9]{6}$")
        with Wall(ROOM) as another:
            self.assertNotEqual(self.wall.path, another.path)

    def test_the_page_runs_nothing_of_others(self):
        status, page = self.wall.ask("GET")
        self.assertEqual(status, 200)
        self.assertNotRegex(page, r"innerHTML|insertAdjacentHTML|document\.write")
        with self.wall.connect(f"GET {self.wall.path} HTTP/1.0\r\n\r\n".encode()) as client:
            head = client.recv(65536)
        self.assertIn(b"\r\ncontent-security-policy: default-src 'none'; ", head)
        self.assertIn(b"\r\ncache-control: no-store\r\n", head)

    def test_other_methods_are_refused(self):
        self.assertEqual(self.wall.ask("DELETE"), (405, "the wall takes GET and POST\n"))

    def test_bad_reports_are_refused_with_a_reason(self):
        for body, reason in ((b"", "a name has 1 to 24 characters"),
                             (b"\xff\x00%", "a name has 1 to 24 characters"),
                             (b"name=Ada&next=x", "next is a move, as 3.2")):
            self.assertEqual(self.wall.ask("POST", body=body), (400, reason + "\n"))
        self.assertEqual(self.wall.shown()["students"], [])

    def test_a_report_has_16_kib_at_most(self):
        name = b"name=Ada&report="
        self.assertEqual(self.wall.ask("POST", body=name + b"x" * (16384 - len(name)))[0], 200)
        name = b"name=Bob&report="
        self.assertEqual(self.wall.ask("POST", body=name + b"x" * (16385 - len(name)))[0], 413)
        shown = self.wall.shown()
        self.assertEqual([student["name"] for student in shown["students"]], ["Ada"])

    def test_one_student_cannot_flood_the_wall(self):
        flood = (f"POST {self.wall.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n"
                 "name=Ada").encode()
        end = f"POST {self.wall.path} HTTP/1.0\r\nContent-Length: 8\r\n\r\nname=Bob".encode()
        with self.wall.connect(flood * 2000 + end) as client:
            answers = b""
            while piece := client.recv(65536):
                answers += piece
        statuses = answers.count(b"HTTP/1.1 429 "), answers.count(b"HTTP/1.1 200 ")
        self.assertEqual(sum(statuses), 2001)
        self.assertGreater(statuses[0], 1000)  # they would have to take a second each

    def test_a_full_room_takes_nobody_else(self):
        for number in range(100):
            self.assertEqual(self.wall.report(name=f"student {number}")[0], 200)
        self.assertEqual(self.wall.report(name="Ada"), (503, "the wall is full\n"))
        self.assertEqual(len(self.wall.shown()["students"]), 100)

    def test_so_many_pages_are_open_at_most(self):
        pages = [self.wall.watch() for _ in range(51)]
        self.assertEqual([status for _, status in pages], [101] * 50 + [403])
        read_text(pages[0][0])
        pages[0][0].sendall(b"\x88\x82\0\0\0\0\x03\xe8")  # Close 1000
        self.assertEqual(read_exactly(pages[0][0], 4), b"\x88\x02\x03\xe8")
        self.assertEqual(pages[0][0].recv(1), b"")
        pages.append(self.wall.watch())
        self.assertEqual(pages[-1][1], 101)
        for socket, _ in pages:
            socket.close()

    def test_a_page_that_is_not_read_keeps_nobody_waiting(self):
        slow, _ = self.wall.watch()
        with slow:
            for number in range(100):
                self.wall.report(name=f"student {number}", check=f"check {number}",
                                 report="x" * 4000)
            self.assertEqual(len(self.wall.shown()["students"]), 100)

    def test_it_ends_at_once_though_pages_are_open(self):
        socket, _ = self.wall.watch()
        with socket:
            read_text(socket)
            self.assertEqual(self.wall.stop(signal.SIGINT), 0)
            self.assertEqual(read_exactly(socket, 4)[2:], (1012).to_bytes(2, "big"))
        self.assertEqual(self.wall.log(), "")

    def test_a_taken_port_is_told_in_a_line(self):
        done = subprocess.run([ROOM, "--host", "127.0.0.1", "--port", str(self.wall.port)],
                              capture_output=True, text=True, timeout=10)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertRegex(done.stderr, r"^\S+room: cannot listen on .*\n$")


if __name__ == "__main__":
    unittest.main()
