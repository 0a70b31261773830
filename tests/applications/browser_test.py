#!/usr/bin/env python3
"""Pages of frameworks in a real browser: FastAPI's documentation, and Django's admin.

usage: browser_test.py CHROMIUM PROGRAM STEP FOLDER TEST   (FastAPITest or DjangoTest)

Screenshots are written to FOLDER. FastAPI's page loads the script that draws it, Swagger UI, from
another host. No test needs the network: a script of ours stands in for it, which reads the description
that the page names, and shows its paths. SWAGGER_UI names a folder with the real one (swagger-ui-dist).
"""

import importlib.util
import os
import pathlib
import re
import sys
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / name) for name in ("python", "page")]
from chromium import Chromium  # noqa: E402
from server import Server  # noqa: E402

CHROMIUM, PROGRAM, STEP, FOLDER = sys.argv[1:5]
STAND_IN = {"swagger-ui.css": "#swagger-ui { white-space: pre }", "swagger-ui-bundle.js": """
    function SwaggerUIBundle({ url, dom_id }) {
      fetch(url).then((answer) => answer.json()).then(({ info, paths }) => {
        const lines = [info.title];
        for (const [path, methods] of Object.entries(paths))
          for (const method in methods) lines.push(method.toUpperCase() + " " + path);
        document.querySelector(dom_id).textContent = lines.join("\\n");
      });
    }
    SwaggerUIBundle.presets = {};"""}


def content_for(url):
    """What the other host would send."""
    name = url.rpartition("/")[2]
    if os.environ.get("SWAGGER_UI") and name in STAND_IN:
        return pathlib.Path(os.environ["SWAGGER_UI"], name).read_text()
    return STAND_IN.get(name, "")


class PageCase(unittest.TestCase):
    MODULE = ""

    def setUp(self):
        self.server = Server(PROGRAM, f"with_{self.MODULE}:app",
                             directory=pathlib.Path(STEP, "applications"))
        self.addCleanup(self.server.__exit__)
        self.browser = Chromium(CHROMIUM)
        self.addCleanup(self.browser.close)
        self.url = f"http://127.0.0.1:{self.server.port}"

    def wait_for_text(self, page, text):
        page.wait_for(f"!!document.body && document.body.innerText.includes({text!r})")

    def tearDown(self):
        self.page.screenshot(pathlib.Path(FOLDER, f"{self.MODULE}.png"))


class FastAPITest(PageCase):
    MODULE = "fastapi"

    def test_the_documentation(self):
        others = re.findall(r'(?:src|href)="(https://[^"]+)"', self.server.text("/docs"))
        self.page = self.browser.open(f"{self.url}/docs", {url: content_for(url) for url in others})
        for text in ("FastAPI", "/items/{number}", "/orders", "POST"):
            self.wait_for_text(self.page, text)
        self.assertEqual(self.page.complaints, [])
        self.assertIn(f"{self.url}/openapi.json", self.page.urls)
        self.assertEqual([url for url in self.page.urls if not url.startswith(self.url)
                          and url not in others and not url.startswith("data:")], [])


class DjangoTest(PageCase):
    MODULE = "django"

    def fill(self, button, **fields):
        """Fills the fields of a form when it is there, and presses a button."""
        self.page.wait_for(f"!!document.getElementById('id_{list(fields)[-1]}')")
        for name, value in fields.items():
            self.page.evaluate(f"document.getElementById('id_{name}').value = {value!r}")
        self.page.evaluate(f"document.querySelector('{button}').click()")

    def test_the_admin(self):
        self.page = self.browser.open(f"{self.url}/admin/", {f"{self.url}/favicon.ico": ""})
        self.fill("[type=submit]", username="admin", password="wrong")
        self.wait_for_text(self.page, "Please enter the correct username and password")
        self.fill("[type=submit]", username="admin", password="admin")
        self.wait_for_text(self.page, "Site administration")
        self.assertNotEqual(self.page.evaluate(  # the style sheet is there
            "getComputedStyle(document.getElementById('header')).backgroundColor"), "rgba(0, 0, 0, 0)")
        self.page.evaluate("document.querySelector('.model-user .addlink').click()")
        self.fill("[name=_save]", username="grace", password1="only a test", password2="only a test")
        self.wait_for_text(self.page, "was added successfully")
        self.assertIn('"grace"', self.server.text("/users"))
        own = "Autofocus processing was blocked"  # Django's form sets the focus twice
        self.assertEqual([each for each in self.page.complaints if own not in str(each)], [])


if __name__ == "__main__":
    needed = globals()[sys.argv[5].split(".")[0]].MODULE
    if importlib.util.find_spec(needed) is None:
        print(f"{needed} is not installed")
        sys.exit(77)
    sys.exit(unittest.main(argv=[sys.argv[0], *sys.argv[5:]]))
