"""The Dockerfile and .devcontainer/, for want of a container engine: they run what CI runs."""

import json
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def instructions(name, text):
    """Returns what stands behind each instruction of that name in a Dockerfile."""
    return re.findall(rf"^{name} (.*)$", text, re.M)


def commands_of_ci():
    """Returns what .ci/run runs in the bare Debian: the arguments of each call of part()."""
    return re.findall(r"^part \d+ (.*)$", (ROOT / ".ci/run").read_text(), re.M)


class ContainerTest(unittest.TestCase):
    def setUp(self):
        self.dockerfile = (ROOT / "Dockerfile").read_text()

    def test_each_command_is_one_that_ci_runs_in_that_order(self):
        commands = instructions("RUN", self.dockerfile)
        self.assertEqual(commands, ["./workshop setup", "./workshop prepare"])
        ci = commands_of_ci()
        self.assertEqual([command for command in ci if command in commands], commands)
        self.assertIn("in a fresh clone on a bare Debian 12", (ROOT / ".ci/run").read_text())
        self.assertEqual(instructions("FROM", self.dockerfile), ["debian:bookworm"])

    def test_it_starts_what_the_workshop_starts_for_others(self):
        words = json.loads(instructions("CMD", self.dockerfile)[0])
        self.assertEqual(words, ["./workshop", "run", "--host", "0.0.0.0"])
        self.assertEqual(instructions("EXPOSE", self.dockerfile), ["8000"])

    def test_the_editors_container_is_made_of_it(self):
        folder = ROOT / ".devcontainer"
        settings = json.loads((folder / "devcontainer.json").read_text())
        build = settings["build"]
        self.assertEqual((folder / build["dockerfile"]).resolve(), ROOT / "Dockerfile")
        self.assertEqual((folder / build["context"]).resolve(), ROOT)
        self.assertIn(settings["postCreateCommand"], commands_of_ci())

    def test_what_git_ignores_is_not_copied(self):
        ignored, copied = ((ROOT / name).read_text().split() for name in (".gitignore", ".dockerignore"))
        self.assertEqual([name.strip("/").removeprefix("**/") for name in copied],
                         [name.strip("/") for name in ignored])


if __name__ == "__main__":
    unittest.main()
