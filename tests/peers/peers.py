"""Judges servers that others have made, and says what each of them does otherwise.

  peers.py CHECKS                     the table, in Markdown
  peers.py CHECKS --only uvicorn -tc="answers 404 to GET"
                                      the report on one of them; what follows goes to `checks`

Those that are not installed are left out. Debian: uvicorn python3-httptools python3-websockets
python3-hypercorn daphne nginx-light libnginx-mod-http-lua nodejs
"""

import collections
import concurrent.futures
import configparser
import datetime
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap

HERE = pathlib.Path(__file__).parent
PYTHON = "/usr/bin/python3"  # Debian's, which sees Debian's packages

# Name, the step up to which it is judged, the command that says its version, and its own.
Peer = collections.namedtuple("Peer", "name step version command")
PEERS = [
    Peer("uvicorn (httptools)", 5, f"{PYTHON} -m uvicorn --version",
         f"env PYTHONPATH={HERE} {PYTHON} -B -m uvicorn app:app --port {{port}} --http httptools"),
    Peer("uvicorn (h11)", 5, f"{PYTHON} -m uvicorn --version",
         f"env PYTHONPATH={HERE} {PYTHON} -B -m uvicorn app:app --port {{port}} --http h11"),
    Peer("hypercorn", 5, "dpkg-query -W python3-hypercorn",
         f"env PYTHONPATH={HERE} {PYTHON} -B -m hypercorn app:app --bind 127.0.0.1:{{port}}"),
    Peer("daphne", 5, "dpkg-query -W daphne",
         f"env PYTHONPATH={HERE} {PYTHON} -B -m daphne -p {{port}} app:app"),
    Peer("Node", 3, "node --version", f"node {HERE}/node.cjs {{port}}"),
    Peer("nginx", 3, "nginx -v", f"sh {HERE}/nginx.sh {{port}} SCRATCH"),
]


def version(peer):
    """What the peer calls its version; None where it is not installed."""
    words = peer.version.split()
    if not shutil.which(words[0]):
        return None
    run = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    found = re.search(r"\d+\.\d+(\.\d+)?", run.stdout)
    return found[0] if run.returncode == 0 and found else None


def report(checks, peer, options):
    with tempfile.TemporaryDirectory() as scratch:
        command = peer.command.replace("SCRATCH", scratch)
        text = subprocess.run([checks, "--server", command, "--step", str(peer.step), *options],
                              stdout=subprocess.PIPE, text=True).stdout
    if not re.search(r"^  step\d\d .* passed", text, re.MULTILINE):
        raise SystemExit(f"peers: {peer.name} could not be judged\n{text}")
    return text


def failed(text):
    """How each failed check failed, in a sign: see introduction.md."""
    parts = re.split(r"^  FAIL  ", text, flags=re.MULTILINE)[1:]
    return {re.split(r"  +\[|\n", part)[0]: sign(part) for part in parts}


def sign(failure):
    if "the same, in one piece, was answered right" not in failure:
        return "✗"
    if "byte by byte" in failure:
        return "b"
    return "½" if "then we ended our sending side" in failure else "+"


def names_of(checks, topic):
    """The checks of a file in tests/checks/rules, in their order."""
    text = subprocess.run([checks, "--list", f"-sf=*rules/{topic}.cpp"], stdout=subprocess.PIPE,
                          text=True).stdout
    return re.findall(r"^step\d\d  (.*?)  \[.*\]$", text, re.MULTILINE)


def rows(names, failures):
    """Checks that the same peers fail, as one row: the first name, how many more, and who."""
    groups = {}
    for name in names:
        who = tuple(failed_ones.get(name, "") for failed_ones in failures)
        if any(who):
            groups.setdefault(who, []).append(name)
    for who, group in groups.items():
        more = f" *(and {len(group) - 1} more)*" if len(group) > 1 else ""
        yield group[0].replace("|", "\\|") + more, who


def print_table(checks, peers, versions, failures):
    judged = ", ".join(f"{peer.name} {versions[peer.name]}" for peer in peers)
    made = f"Made by `peers.py` on {datetime.date.today()}: {judged}."
    print("# What other servers do otherwise\n\n" + textwrap.fill(made, 100))
    print((HERE / "introduction.md").read_text().rstrip())
    lessons = configparser.ConfigParser(interpolation=None, delimiters=["="])
    lessons.read(HERE / "lessons.ini")
    for topic in lessons.sections():
        names = names_of(checks, topic)
        print(f"\n## {lessons[topic]['title']}\n\n{lessons[topic]['lesson']}\n")
        print("| check | " + " | ".join(peer.name for peer in peers) + " |")
        print("|---|" + ":-:|" * len(peers))
        for label, who in rows(names, failures):
            print(f"| {label} | " + " | ".join(who) + " |")


def main():
    checks, *options = sys.argv[1:]
    versions = {peer.name: version(peer) for peer in PEERS}
    peers = [peer for peer in PEERS if versions[peer.name]]
    if options[:1] == ["--only"]:
        peer = next(peer for peer in peers if peer.name.startswith(options[1]))
        print(report(checks, peer, options[2:]), end="")
        return 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda peer: report(checks, peer, ["--all"]),
                                peers))
    print_table(checks, peers, versions, [failed(text) for text in reports])
    return 0


if __name__ == "__main__":
    sys.exit(main())
