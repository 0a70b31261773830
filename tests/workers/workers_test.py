#!/usr/bin/env python3
"""--workers: several processes that serve one address, and the one that looks after them.

usage: workers_test.py PROGRAM FAILING_WORKERS OBEDIENT_WORKERS EARLY_SIGNAL [unittest's options]
"""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

PROGRAM = sys.argv.pop(1)
FAILING_WORKERS = sys.argv.pop(1)
OBEDIENT_WORKERS = sys.argv.pop(1)
EARLY_SIGNAL = sys.argv.pop(1)
PATIENCE = 10  # seconds for what must happen
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = (b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n"
        b"Expect: 100-continue\r\n\r\n")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def start(*options, program=PROGRAM, inherit=None):
    """Starts it; `inherit` is called in the new process, and leaves it what a parent would."""
    return guarded.Popen([program, "--no-access-log", *options], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, start_new_session=True,
                         preexec_fn=inherit)


def fail_to_start(*options, program=PROGRAM):
    """Returns what a program that has to give up has printed, and its exit status."""
    process = start(*options, program=program)
    try:
        output, errors = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    return output, errors, process.returncode


def wait_until(true, what):
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {PATIENCE} s: {what}")
        time.sleep(0.01)


def lives(pid):
    """Whether a process is there, and is not only waiting to be buried."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def sockets_of(pid):
    """How many sockets a process has open."""
    count = 0
    for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            count += os.readlink(descriptor).startswith("socket:")
    return count


class Server:
    """A supervisor and its workers, from the line that says that they are ready."""

    def __init__(self, *options, inherit=None):
        self.seen = set()  # all workers that there have been
        self.process = start("--port", "0", *options, inherit=inherit)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pid in [self.process.pid, *self.workers(), *filter(lives, self.seen)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.communicate()

    def workers(self):
        pid = self.process.pid
        try:
            children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except FileNotFoundError:
            children = ""
        self.seen.update(map(int, children.split()))
        return [int(word) for word in children.split()]

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def ask(self):
        """Returns the status line of an answer to a request of its own connection."""
        with self.connect() as client:
            client.sendall(REQUEST)
            return client.makefile("rb").readline().decode().strip()

    def begin_request(self):
        """Returns a connection on which half a request is being answered."""
        client = self.connect()
        client.sendall(HEAD)
        answer = client.recv(len(CONTINUE), socket.MSG_WAITALL)  # the worker has it
        assert answer == CONTINUE, answer
        client.sendall(b"ab")
        return client

    def refuses(self):
        try:
            self.connect().close()
        except (ConnectionRefusedError, ConnectionResetError):  # reset: closed in this moment
            return True
        return False

    def end(self):
        """Returns what was still printed, and the exit status."""
        output, errors = self.process.communicate(timeout=PATIENCE)
        return output, errors, self.process.returncode


class WorkersTest(unittest.TestCase):
    def test_all_workers_serve_the_same_port(self):
        with Server("--workers", "3") as server, contextlib.ExitStack() as stack:
            workers = server.workers()
            self.assertEqual(len(workers), 3)
            before = {pid: sockets_of(pid) for pid in workers}
            for _ in range(60):
                client = stack.enter_context(server.connect())
                client.sendall(REQUEST)
                self.assertIn(b"Hello, World!", client.recv(4096))
            taken = {pid: sockets_of(pid) - before[pid] for pid in workers}
            self.assertEqual(sum(taken.values()), 60)
            self.assertNotIn(0, taken.values())  # 60 clients miss one of three: once in 10^10

    def test_one_worker_is_no_process_of_its_own(self):
        for options in ([], ["--workers", "1"]):
            with self.subTest(options), Server(*options) as server:
                self.assertEqual(server.ask(), "HTTP/1.1 200 OK")
                self.assertEqual(server.workers(), [])

    def test_a_worker_that_dies_is_replaced(self):
        with Server("--workers", "2") as server:
            victim, other = server.workers()
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: len(server.workers()) == 2 and victim not in server.workers(),
                       "another worker")
            self.assertIn(other, server.workers())
            for _ in range(20):
                self.assertEqual(server.ask(), "HTTP/1.1 200 OK")
            server.process.terminate()
            _, errors, status = server.end()
            self.assertEqual(status, 0)
            self.assertEqual(errors, "a worker has ended, by signal 9; another one takes its place\n")

    def test_a_parent_that_ignores_its_children(self):
        def ignore():
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)

        with Server("--workers", "2", inherit=ignore) as server:
            victim = server.workers()[0]
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: len(server.workers()) == 2 and victim not in server.workers(),
                       "another worker")
            server.process.terminate()
            self.assertEqual(server.end()[2], 0)

    def test_a_parent_that_blocks_signals(self):
        def block():
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())

        with Server("--workers", "2", inherit=block) as server:
            self.assertEqual(server.ask(), "HTTP/1.1 200 OK")
            server.process.terminate()
            self.assertEqual(server.end(), ("", "", 0))

    def test_a_signal_before_there_are_workers(self):
        output, errors, status = fail_to_start("--port", "0", "--workers", "2", program=EARLY_SIGNAL)
        self.assertEqual((output, errors, status), ("", "", 0))

    def test_it_is_ready_when_all_that_are_alive_are(self):
        process = guarded.Popen([OBEDIENT_WORKERS], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)
        workers = []

        def await_start():
            workers.append(int(process.stderr.readline().removesuffix(" has started\n")))

        try:
            await_start()
            os.kill(workers[0], signal.SIGUSR2)
            await_start()  # the first one is ready, the second one is not
            os.kill(workers[0], signal.SIGKILL)
            self.assertIn("a worker has ended, by signal 9", process.stderr.readline())
            os.kill(process.pid, signal.SIGUSR1)  # as workers do, but from outside
            os.kill(workers[1], signal.SIGUSR2)
            await_start()
            os.kill(workers[2], signal.SIGUSR2)
            lines = [process.stdout.readline() for _ in range(4)]
            self.assertEqual(lines, [*(f"{pid} is ready\n" for pid in workers), "all are ready\n"])
            process.terminate()
            self.assertEqual(process.wait(PATIENCE), 0)
        finally:
            process.kill()
            process.communicate()

    def test_looking_for_a_change_does_not_keep_it_from_ending(self):
        with guarded.Popen([OBEDIENT_WORKERS, "slow"], stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True) as process:
            self.addCleanup(process.kill)
            while process.stderr.readline() != "looks\n":
                pass
            process.terminate()
            self.assertEqual(process.wait(PATIENCE), 0)

    def test_a_worker_that_crashes_at_the_end_decides_the_exit_status(self):
        for crash in (signal.SIGKILL, signal.SIGABRT):
            with self.subTest(crash), Server("--workers", "2") as server:
                with server.begin_request():  # one of them waits for its rest
                    server.process.terminate()
                    wait_until(server.refuses, "no new clients")
                    for pid in server.workers():
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, crash)
                self.assertEqual(server.end()[2], 128 + crash)

    def test_workers_that_die_young_do_not_make_the_supervisor_spin(self):
        begun = time.monotonic()
        with Server("--workers", "2") as server:
            killed = set()

            def kill_for_three_seconds():
                for pid in server.workers():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        killed.add(pid)
                # More than the first two: they are replaced all the same.
                return time.monotonic() - begun > 3 and len(killed) > 2

            wait_until(kill_for_three_seconds, "other workers")
            # Who is replaced has lived for a second, or left its place empty for one.
            self.assertLessEqual(len(killed), 2 * (1 + int(time.monotonic() - begun)))

    def test_a_signal_ends_all_of_them_when_requests_under_way_are_answered(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number), Server("--workers", "2") as server:
                workers = server.workers()
                with contextlib.ExitStack() as stack:
                    clients = [stack.enter_context(server.begin_request()) for _ in range(8)]
                    # As Ctrl-C does: to the whole group. It must not reach the workers twice,
                    # which is seen when the supervisor is slow to pass it on.
                    server.process.send_signal(signal.SIGSTOP)
                    os.killpg(server.process.pid, number)
                    time.sleep(0.1)
                    server.process.send_signal(signal.SIGCONT)
                    wait_until(server.refuses, "no new clients")
                    for client in clients:
                        client.sendall(b"cd")
                        answer = client.makefile("rb").read()
                        self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK"), answer)
                        self.assertTrue(answer.endswith(b"\r\n\r\nabcd"), answer)
                self.assertEqual(server.end(), ("", "", 0))
                self.assertEqual([pid for pid in workers if lives(pid)], [])

    def test_a_second_signal_ends_them_at_once(self):
        with Server("--workers", "2") as server, server.begin_request() as client:
            server.process.terminate()
            wait_until(server.refuses, "no new clients")
            self.assertIsNone(server.process.poll())
            server.process.terminate()
            self.assertEqual(server.end()[2], 0)
            with contextlib.suppress(ConnectionResetError):
                self.assertEqual(client.recv(4096), b"")

    def test_a_worker_that_hears_no_signal_is_killed(self):
        with Server("--workers", "2") as server:
            os.kill(server.workers()[0], signal.SIGSTOP)

            def ended():
                server.process.terminate()
                return server.process.poll() is not None
            wait_until(ended, "the end")
            self.assertEqual(server.end(), ("", "", 128 + signal.SIGKILL))

    def test_a_port_that_is_taken_is_one_line(self):
        for first in ("1", "2"):
            with self.subTest(first), Server("--workers", first) as server:
                output, errors, status = fail_to_start("--workers", "2", "--port", str(server.port))
                self.assertEqual((output, status), ("", 2))
                self.assertEqual(errors.count("\n"), 1, errors)
                self.assertIn(f"cannot listen on 127.0.0.1 port {server.port}", errors)

    def test_a_worker_that_cannot_start_ends_the_program_and_says_so_once(self):
        done = subprocess.run([FAILING_WORKERS, "2"], capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual((done.stdout, done.stderr, done.returncode),
                         ("", "this one cannot start\n", 2))

    def test_a_worker_that_fails_otherwise_is_tried_again_once_a_second(self):
        for exit_status in ("0", "1"):
            begun = time.monotonic()
            with self.subTest(exit_status), guarded.Popen(
                    [FAILING_WORKERS, exit_status], stderr=subprocess.PIPE, text=True) as process:
                self.addCleanup(process.kill)
                tried = 0
                while tried < 3:
                    line = process.stderr.readline()
                    self.assertTrue(line, "it has ended")
                    tried += line == "this one cannot start\n"
                self.assertGreater(time.monotonic() - begun, 2)
                process.kill()

    def test_no_worker_outlives_the_supervisor(self):
        with Server("--workers", "3") as server:
            workers = server.workers()
            self.assertTrue(all(map(lives, workers)))
            server.process.kill()
            wait_until(lambda: not any(map(lives, workers)), "the end of all workers")

    def test_the_number_is_at_least_one(self):
        for number in ("0", "-1", "many", "300"):
            with self.subTest(number):
                _, errors, status = fail_to_start("--workers", number)
                self.assertEqual((errors.count("\n"), status), (1, 2))


if __name__ == "__main__":
    unittest.main(verbosity=2)
