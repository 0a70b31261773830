"""Processes that do not outlive the test that has started them, however it ends: `Popen` takes what
that of subprocess takes. A shell that does nothing else waits for the test's end, a kill included,
and ends each process and what that has started (its group).

  guarded.py COMMAND...   runs a test that is not written in Python; its exit status is ours
"""

import atexit
import os
import subprocess
import sys
import threading

# Each line that it reads names all groups; nothing more can be read once the test has ended.
SCRIPT = ("trap '' INT TERM HUP QUIT; while read -r groups; do last=$groups; done; "
          '[ -z "$last" ] || kill -s KILL -- $last')

lock = threading.Lock()
groups = set()
guard = None


def exists(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # macOS: all that is left of it are zombies, or it is another's
    return True


def tell_guard():
    groups.intersection_update([group for group in groups if exists(group)])
    guard.stdin.write(b" ".join(b"-%d" % group for group in groups) + b"\n")
    guard.stdin.flush()


def start_guard():
    process = subprocess.Popen(["sh", "-c", SCRIPT], stdin=subprocess.PIPE, start_new_session=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(end_guard)
    return process


def end_guard():
    with lock:
        tell_guard()
        guard.stdin.close()
        guard.wait()


def contents(file):
    """The text that a process has written to the file so far. They share the place where the next
    octet stands: to read on from the beginning would move it, and the process write over its own.
    """
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode(errors="replace")


class Popen(subprocess.Popen):
    """A process in a group of its own, which ends with us at the latest."""

    def __init__(self, *arguments, preexec_fn=None, **options):
        global guard

        def tell_guard_and_prepare():
            groups.add(os.getpid())  # we may end before we can: so the new process does it
            tell_guard()
            if preexec_fn:
                preexec_fn()

        with lock:
            guard = guard or start_guard()
            super().__init__(*arguments, **{**options, "start_new_session": True,
                                            "preexec_fn": tell_guard_and_prepare})
            groups.add(self.pid)


if __name__ == "__main__":
    sys.exit(Popen(sys.argv[1:]).wait())
