"""Chromium without a screen, steered over a pipe by the DevTools protocol."""

import base64
import contextlib
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

PATIENCE = 15  # seconds for what must happen
OPTIONS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--window-size=1280,800",
    "--remote-debugging-pipe"]


class Navigated(RuntimeError):
    """The page that was asked has given way to another one."""


class Chromium:
    """One browser with an empty profile. Messages are JSON, each ended by a zero octet."""

    def __init__(self, program):
        self.profile = tempfile.mkdtemp()
        command_end, self.commands = os.pipe()
        self.answers, answer_end = os.pipe()

        def place_pipe():  # the browser reads from 3 and writes to 4
            os.dup2(command_end, 3)
            os.dup2(answer_end, 4)

        self.process = guarded.Popen(
            [program, *OPTIONS, "--user-data-dir=" + self.profile],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=place_pipe, pass_fds=(3, 4))
        os.close(command_end)
        os.close(answer_end)
        self.received = b""
        self.last_id = 0
        self.pages = {}  # by session

    def close(self):
        """Ends the browser."""
        os.close(self.commands)  # it ends with its pipe
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.answers)
        shutil.rmtree(self.profile, ignore_errors=True)

    def tell(self, method, session=None, **parameters):
        """Calls a method of the protocol and does not wait. Returns the number of the call."""
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        return self.last_id

    def call(self, method, session=None, **parameters):
        """Calls a method of the protocol and returns its result."""
        number = self.tell(method, session, **parameters)
        while True:
            answer = self._next_message()
            if answer.get("id") != number:
                continue
            if "error" in answer:
                message = answer["error"]["message"]
                gone = "navigated" in message or "context" in message
                raise (Navigated if gone else RuntimeError)(f"{method}: {message}")
            return answer["result"]

    def open(self, url, others=None):
        """A new window at `url`. `others`: the contents of files of other hosts, by their URL."""
        target = self.call("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session, others or {})
        for domain in ("Runtime", "Network", "Log", "Page"):
            page.call(domain + ".enable")
        if others:
            page.call("Fetch.enable", patterns=[{"urlPattern": other} for other in others])
        page.call("Page.navigate", url=url)
        return page

    def _next_message(self):
        """The next answer; events go to their pages."""
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self.received:
            if not select.select([self.answers], [], [], deadline - time.monotonic())[0]:
                raise TimeoutError("chromium does not answer")
            piece = os.read(self.answers, 1 << 20)
            if not piece:
                raise RuntimeError("chromium has ended")
            self.received += piece
        line, self.received = self.received.split(b"\0", 1)
        message = json.loads(line)
        if message.get("sessionId") in self.pages and "method" in message:
            self.pages[message["sessionId"]].note(message["method"], message["params"])
        return message


class Page:
    """One window, what it has asked for, and what it has complained of."""

    def __init__(self, browser, session, others):
        self.browser = browser
        self.session = session
        self.others = others
        self.urls = []
        self.complaints = []

    def note(self, event, details):
        """Takes an event of the DevTools protocol."""
        if event == "Network.requestWillBeSent":
            self.urls.append(details["request"]["url"])
        elif event == "Network.webSocketCreated":
            self.urls.append(details["url"])
        elif event == "Fetch.requestPaused":
            body = base64.b64encode(self.others[details["request"]["url"]].encode()).decode()
            self.browser.tell("Fetch.fulfillRequest", self.session, responseCode=200, body=body,
                              requestId=details["requestId"])
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(details["exceptionDetails"])
        elif event == "Runtime.consoleAPICalled":
            self.complaints.append(details["args"])
        elif event == "Log.entryAdded":
            self.complaints.append(details["entry"]["text"])

    def call(self, method, **parameters):
        """Calls a method of the protocol for this window."""
        return self.browser.call(method, self.session, **parameters)

    def evaluate(self, expression):
        """The value of a JavaScript expression."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"])
        return result["result"].get("value")

    def wait_for(self, expression):
        """Waits until a JavaScript expression is true."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(Navigated):
                if self.evaluate(expression):
                    return
            time.sleep(0.05)
        raise TimeoutError(f"never true: {expression}")

    def press(self, key, code):
        """One key, down and up."""
        text = "\r" if key == "Enter" else ""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, text=text,
                      windowsVirtualKeyCode=code)

    def type(self, identifier, text):
        """Types into the element of that id, and presses Enter."""
        self.call("Page.bringToFront")
        self.evaluate(f"document.getElementById('{identifier}').focus()")
        self.evaluate(f"document.getElementById('{identifier}').select()")
        self.call("Input.insertText", text=text)
        self.press("Enter", 13)

    def look(self, width, height, scheme):
        """Gives the window a size and a colour scheme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])

    def screenshot(self, path):
        """Writes what the window shows, as PNG."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
