"""A test in a folder of its own, as with a small ladder of steps."""

import pathlib
import tempfile
import unittest


class FolderTest(unittest.TestCase):
    """`self.root` is a new folder with the files that `files` has by their names."""

    files = {}

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name, "root")
        self.root.mkdir()
        for name, text in self.files.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def read(self, name):
        return (self.root / name).read_text()
