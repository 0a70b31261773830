"""A student: a folder with ./workshop, and with stand-ins for what builds and judges a server."""

import os
import pathlib
import shutil
import subprocess
import tempfile
from urllib.parse import urlencode

WORKSHOP = pathlib.Path(__file__).resolve().parents[2] / "workshop"
STAND_INS = {
    "c++": "#!/bin/sh\n",
    "cmake": '#!/bin/sh\nif [ "$1" = --version ]; then echo "cmake version 3.25.1"; fi\n',
}
# What judges: it writes the file of --standing, and its exit status is that of a failure.
CHECKS = """#!/bin/sh
echo "$*" >>../calls
while [ $# != 0 ]; do
  if [ "$1" = --standing ] && [ -e ../judged ]; then cp ../judged "$2"; fi
  shift
done
echo "1 passed, 1 failed"
exit 1
"""


class Student:
    """One folder; to be used as a context."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name, "root")
        self.bin = self.root.parent / "bin"
        for folder in (self.bin, self.root / "my_server", self.root / "step05_x",
                       self.root / "build/default/tests/checks", self.root / "step02_x"):
            folder.mkdir(parents=True)
        shutil.copy(WORKSHOP, self.root)
        for name, text in STAND_INS.items():
            self.put(self.bin / name, text)
        # A busy machine may need more than a second for what takes a millisecond: the last one wins.
        self.put(self.bin / "curl", f'#!/bin/sh\nexec {shutil.which("curl")} "$@" --max-time 30\n')
        self.put(self.root / "build/default/tests/checks/checks", CHECKS)
        (self.root / "CMakePresets.json").touch()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def be_hasty(self):
        """From now on the time limit of ./workshop holds."""
        (self.bin / "curl").unlink()

    @staticmethod
    def put(path, text):
        path.write_text(text)
        path.chmod(0o755)

    def stand(self, following, check="", report=""):
        """What the checks will find."""
        form = {"next": following, "check": check, "report": report}
        (self.root.parent / "judged").write_text(urlencode(form))

    def check(self, *arguments, **environment):
        """Runs `./workshop check`; in this way its standard output ends with the totals."""
        return subprocess.run(
            [self.root / "workshop", "check", *arguments], capture_output=True, text=True,
            stdin=subprocess.DEVNULL, cwd=self.root, timeout=60,
            env={**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", **environment})

    def calls(self):
        """The command lines of the checks."""
        return (self.root.parent / "calls").read_text().splitlines()
