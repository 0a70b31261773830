"""teaching/stick: a bundle is made and used, with a stand-in for apt-get, which asks the network."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from folder import FolderTest  # noqa: E402

STICK = pathlib.Path(__file__).resolve().parents[2] / "teaching/stick"
# It "fetches" a package that it makes, and keeps what it was asked.
APT = """#!/bin/sh
echo "$*" >>"$CALLS"
for word; do case $word in Dir::Cache::archives=*) archives=${word#*=} ;; esac; done
case $* in *--download-only*) ;; *) exit 0 ;; esac
made=$(mktemp -d)
mkdir -p "$made/tea/DEBIAN"
printf 'Package: tea\\nVersion: 1\\nArchitecture: all\\nMaintainer: x\\nDescription: y\\n' \\
  >"$made/tea/DEBIAN/control"
dpkg-deb --build "$made/tea" "$archives/tea_1_all.deb" >/dev/null
rm -r "$made"
"""


@unittest.skipUnless(shutil.which("dpkg-deb"), "there is no dpkg-deb: this is not Debian")
class StickTest(FolderTest):
    files = {"README.md": "A repository.\n", "slides/dist/index.html": "the deck\n"}

    def setUp(self):
        super().setUp()
        shutil.copytree(STICK, self.root / "teaching/stick")
        self.outside = self.root.parent / "a stick"  # a path with a space
        tools = self.root.parent / "tools"
        for folder in (self.outside, tools):
            folder.mkdir()
        for name, text in (("apt-get", APT), ("sudo", '#!/bin/sh\nexec "$@"\n')):
            (tools / name).write_text(text)
            (tools / name).chmod(0o755)
        self.calls = self.root.parent / "calls"
        self.environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}",
                            "CALLS": str(self.calls), "GIT_CONFIG_GLOBAL": "/dev/null"}
        self.run_it("git", "init", "-q", "-b", "main")
        self.run_it("git", "add", "README.md", "teaching")
        self.run_it("git", "-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "All")

    def run_it(self, *words, cwd=None):
        return subprocess.run(words, cwd=cwd or self.root, env=self.environment, check=True,
                              capture_output=True, text=True)

    def make(self):
        self.run_it("bash", "teaching/stick/make.sh", "build/bundle", "tea", "cups")
        with tarfile.open(self.root / "build/bundle.tar") as tar:
            tar.extractall(self.outside)
        return self.outside / "bundle"

    def test_the_index_names_each_package_with_its_hash(self):
        bundle = self.make()
        package = (bundle / "packages/tea_1_all.deb").read_bytes()
        index = (bundle / "packages/Packages").read_text().splitlines()
        for line in ("Package: tea", "Filename: ./tea_1_all.deb", f"Size: {len(package)}",
                     f"SHA256: {hashlib.sha256(package).hexdigest()}"):
            self.assertIn(line, index)
        self.assertEqual((bundle / "packages.txt").read_text(), "tea\ncups\n")
        self.assertIn("--download-only", self.calls.read_text())
        self.assertEqual(list((self.root / "build").iterdir()), [self.root / "build/bundle.tar"])

    def test_it_installs_from_the_stick_only_and_makes_the_folder(self):
        bundle = self.make()
        self.calls.write_text("")
        self.run_it("sh", bundle / "install", cwd=self.outside)
        update, install = self.calls.read_text().splitlines()
        self.assertTrue(update.endswith(" update") and install.endswith(" install tea cups"))
        self.assertIn("-o Dir::Etc::sourceparts=/dev/null ", install)
        workshop = self.outside / "workshop"
        self.assertEqual((workshop / "README.md").read_text(), "A repository.\n")
        self.assertEqual((workshop / "slides/dist/index.html").read_text(), "the deck\n")

    def test_apt_itself_finds_the_package_on_the_stick(self):
        bundle = self.make()
        apt = self.root.parent / "tools/apt-get"
        real = shutil.which("apt-get")
        # The real one, but what it would install it only tells; its lists are in a folder of ours.
        apt.write_text(f'#!/bin/sh\ncase $* in *" install "*) set -- --simulate "$@" ;; esac\n'
                       f'exec {real} -o Debug::NoLocking=1 -o Dir::Cache={self.root.parent} "$@"\n')
        (bundle / "packages.txt").write_text("tea\n")
        done = self.run_it("sh", bundle / "install", cwd=self.outside)
        self.assertRegex(done.stdout, r"Inst tea \(1 ")

    def test_a_folder_that_is_there_is_left_alone(self):
        bundle = self.make()
        (self.outside / "workshop").mkdir()
        done = subprocess.run(["sh", bundle / "install"], cwd=self.outside, env=self.environment,
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr),
                         (1, "install: there is a folder workshop already\n"))
        self.assertEqual(list((self.outside / "workshop").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
