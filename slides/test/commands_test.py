"""A command on a slide is run on the server of its slide, and its output is compared."""

import pathlib
import tempfile
import unittest

import commands

SERVER = """\
#!/bin/sh
echo "listening on http://127.0.0.1:8000"
trap 'exit 0' INT
while :; do sleep 0.05; done
"""
DECK = """\
# One

@step step01_one

```console
$ echo one
one
```

---

# Two

@server step02_two

```console
$ echo two
2
```

---

# Three

```console
$ echo three
three
$ exit 3
```
"""


class CommandsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "10-deck.md").write_text(DECK)
        self.server = self.folder / "server"
        self.server.write_text(SERVER)
        self.server.chmod(0o755)

    def run_deck(self, step):
        return commands.run_deck(self.folder, step, str(self.server))

    def test_other_output_is_a_fault_with_its_line(self):
        count, faults = self.run_deck("step02_two")
        self.assertEqual((count, len(faults)), (1, 1))
        self.assertIn("slides/deck/10-deck.md:17: $ echo two", faults[0])
        self.assertIn("-2\n+two", faults[0])

    def test_a_step_holds_for_the_slides_that_follow_but_not_where_another_server_is_named(self):
        count, faults = self.run_deck("step01_one")
        self.assertEqual((count, len(faults)), (3, 1))
        self.assertIn("slides/deck/10-deck.md:28: $ exit 3", faults[0])

    def test_a_step_without_commands_fails(self):
        (self.folder / "10-deck.md").write_text("# One\n")
        self.assertEqual(commands.main(["step01_one", str(self.server), str(self.folder)]), 1)


if __name__ == "__main__":
    unittest.main()
