#!/usr/bin/env python3
"""The demo page of step 05 in a browser: two windows chat, and show what the server saw.

usage: page_test.py CHROMIUM PROGRAM FOLDER [unittest's options]

Screenshots are written to FOLDER.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

from chromium import PATIENCE, Chromium

CHROMIUM, PROGRAM, FOLDER = sys.argv[1:4]
del sys.argv[1:4]

SIZES = [(1280, 800), (390, 844)]
TALK = [  # who (0 or 1) says what
    (0, "Hello! Is anybody on this socket?"),
    (1, "I am. My handshake was a GET, and then it was not HTTP any more."),
    (0, "Mine too. 101 Switching Protocols."),
    (1, "one-long-word-" * 6),
    (1, "Look at the right half: receive() is what we say, send() is what the application does."),
    (0, "<b>Is this bold?</b>"),
    (1, "No, it is text: \u00fc, \u4f60\u597d, \U0001f44b"),
]

SCROLL_SIDEWAYS = """[document.documentElement, ...document.querySelectorAll('.scroll')]
    .filter((element) => element.scrollWidth > element.clientWidth).map((element) => element.id)"""
NEWEST_IN_SIGHT = """const newest_in_sight = (id) =>
    at(id).lastElementChild.getBoundingClientRect().bottom
        <= at(id).getBoundingClientRect().bottom + 1"""


class Server:
    """The program, from its ready line to its exit."""

    def __init__(self, port=0):
        self.process = guarded.Popen(
            [PROGRAM, "--port", str(port), "--no-access-log"], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])

    def stop(self):
        """Ends it in good order."""
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


def text_of(identifier):
    """The text of an element, as an expression."""
    return f"document.getElementById('{identifier}').textContent"


class DemoPage(unittest.TestCase):
    """One browser, one server and two windows, Alice's and Bob's, for all tests."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(lambda: cls.server.stop())
        cls.browser = Chromium(CHROMIUM)
        cls.addClassCleanup(cls.browser.close)
        cls.url = f"http://127.0.0.1:{cls.server.port}/"
        cls.windows = [cls.browser.open(cls.url), cls.browser.open(cls.url)]
        for window, name in zip(cls.windows, ("Alice", "Bob")):
            window.wait_for("document.readyState === 'complete' && at('state').className")
            window.type("name", name)
            window.wait_for(f"{text_of('state')} === 'Connected as {name}'")

    def talk(self, lines):
        """Says the lines; each has to arrive in both windows."""
        for who, line in lines:
            self.windows[who].type("text", line)
            newest = "at('chat').lastElementChild?.textContent"
            for window in self.windows:
                window.wait_for(f"{newest}.endsWith({json.dumps(line)})")

    def test_1_two_windows_chat(self):
        self.talk(TALK)
        for window in self.windows:
            window.wait_for(f"{text_of('who')} === 'AliceBob'")
            said = window.evaluate(
                "[...document.querySelectorAll('#chat li')].map((row) => row.innerText)")
            self.assertEqual(len(said), len(TALK))
            self.assertIn("<b>Is this bold?</b>", said[5])

    def test_2_what_the_server_saw(self):
        alice = self.windows[0]
        self.assertEqual(
            alice.evaluate(text_of("request-line")), "GET /ws/chat?name=Alice HTTP/1.1")
        self.assertIn(f"host127.0.0.1:{self.server.port}", alice.evaluate(text_of("fields")))
        self.assertIn("sec-websocket-version13", alice.evaluate(text_of("fields")))
        self.assertIn("typewebsocket", alice.evaluate(text_of("scope")))
        self.assertIn("query_stringname=Alice", alice.evaluate(text_of("scope")))
        events = alice.evaluate("""[...document.querySelectorAll('#events li')].map(
            (row) => [row.className, row.lastChild.textContent])""")
        for event in (["receive", "websocket.connect"], ["send", "websocket.accept"],
                      ["receive", "websocket.receive text: " + TALK[0][1]],
                      ["send", "websocket.send text: chat \u21e5 Bob \u21e5 " + TALK[1][1]]):
            self.assertIn(event, events)

    def test_3_every_control_has_a_name(self):
        tree = self.windows[0].call("Accessibility.getFullAXTree")["nodes"]
        names = [node["name"]["value"] for node in tree
                 if node["role"]["value"] in ("textbox", "button", "log")]
        self.assertEqual(
            names, ["Messages", "Message", "Send", "Your name", "Change", "The events"])

    def test_4_looks(self):
        alice = self.windows[0]
        alice.evaluate(NEWEST_IN_SIGHT)
        for width, height in SIZES:
            for scheme in ("light", "dark"):
                alice.look(width, height, scheme)
                alice.wait_for(f"innerWidth === {width}")
                self.assertEqual([], alice.evaluate(SCROLL_SIDEWAYS), f"at {width} pixels")
                for list_ in ("chat", "events"):
                    alice.wait_for(f"newest_in_sight('{list_}')")
                alice.screenshot(os.path.join(FOLDER, f"page-{width}-{scheme}.png"))

    def test_5_no_complaint_and_no_outside_request(self):
        origin = f"(data:|(http|ws)://127\\.0\\.0\\.1:{self.server.port}/)"
        for window in self.windows:
            self.assertEqual(window.complaints, [])
            self.assertGreaterEqual(len(window.urls), 3)  # the page, and a WebSocket for each name
            for url in window.urls:
                self.assertRegex(url, re.compile("^" + origin))

    def test_5_long_texts_and_the_names_of_all_fold(self):
        alice = self.windows[0]
        events = alice.evaluate(text_of("events"))
        self.assertIn("websocket.send text: who \u21e5 2 names", events)
        self.assertNotIn("Alice \u21e5 Bob", events)
        text = "long " * 99 + "end"
        alice.evaluate(f"socket.send('{text}')")
        for window in self.windows:
            for rows, times in (("chat", 1), ("events", 2 if window is alice else 1)):
                sizes = f"document.querySelectorAll('#{rows} .size')"
                window.wait_for(f"{sizes}.length === {times}")
                row = f"{sizes}[0].closest('li')"
                shown = f"{row}.textContent"
                self.assertRegex(window.evaluate(shown), r"long \S*\u2026\d+ characters$")
                window.evaluate(f"{sizes}[0].click()")
                self.assertIn(text, window.evaluate(shown))
                window.evaluate(f"{sizes}[0].click()")
                self.assertNotIn(text, window.evaluate(shown))

    def test_5_names_are_distinct_and_keep_their_direction_to_themselves(self):
        names = ["\u202elive", "\u200b", "<i>x</i>", "Alice"]
        shown = ["\ufffdlive", "U+200B", "<i>x</i>", "Alice (2)", "Alice", "Bob"]
        alice = self.windows[0]
        alice.evaluate(f"""window.others = {json.dumps(names)}.map((name) => new WebSocket(
            socket.url.split("?")[0] + "?name=" + encodeURIComponent(name)))""")
        names_there = "[...document.querySelectorAll('#who bdi')].map((name) => name.textContent)"
        alice.wait_for(f"{names_there}.length === 6")
        self.assertCountEqual(alice.evaluate(names_there), shown)
        alice.evaluate("others.forEach((other) => other.close())")
        for window in self.windows:
            window.wait_for(f"{text_of('who')} === 'AliceBob'")

    def test_5_the_newest_receive_stays_in_sight(self):
        alice, bob = self.windows
        alice.evaluate("socket.send('mine')")
        alice.wait_for(f"{text_of('events')}.includes('Alice \u21e5 mine')")
        bob.evaluate("for (let i = 0; i < 40; ++i) socket.send('of Bob ' + i)")
        alice.wait_for(f"{text_of('events')}.includes('of Bob 39')")
        alice.wait_for("newest_in_sight('events')")
        alice.evaluate("window.newest = [...document.querySelectorAll('#events .receive')].at(-1)")
        self.assertEqual(alice.evaluate("newest.lastChild.textContent"),
                         "websocket.receive text: mine")
        self.assertTrue(alice.evaluate("""newest.getBoundingClientRect().top
            >= at('events').getBoundingClientRect().top"""))

    def test_6_it_connects_again(self):
        port = self.server.port
        self.server.stop()
        for window in self.windows:
            window.wait_for("at('state').className === 'closed'")
            self.assertIn("1012", window.evaluate(text_of("state")))
            self.assertTrue(window.evaluate("at('send').disabled"))
        type(self).server = Server(port)
        for window in self.windows:
            window.wait_for("at('state').className === 'open'")
        self.talk([(0, "Are you still there?"), (1, "Again.")])


if __name__ == "__main__":
    unittest.main()
