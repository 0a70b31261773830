#!/usr/bin/env python3
"""What a Python application sees of this server, and how it may end, from outside.

usage: semantics_test.py PROGRAM [unittest's options]
"""

import ast
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

from server import PATIENCE, Server, WebSocket

PROGRAM = os.path.abspath(sys.argv.pop(1))


class ServerCase(unittest.TestCase):
    APP = "probes:app"
    OPTIONS = ()

    def setUp(self):
        self.server = Server(PROGRAM, self.APP, *self.OPTIONS)
        self.addCleanup(self.server.__exit__)

    def assert_serves(self):
        """The next request is served."""
        self.assertEqual(self.server.ask("/echo", "POST", b"next")[2], b"next")


class ScopeTest(ServerCase):
    def test_the_scope_of_a_request(self):
        scope = ast.literal_eval(self.server.text("/scope?q=%20", "GET", None, {"X-A": "b"}))
        client, (host, port) = scope.pop("client"), scope.pop("server")
        self.assertEqual((client[0], host, port), ("127.0.0.1", "127.0.0.1", self.server.port))
        self.assertIn((b"x-a", b"b"), scope.pop("headers"))
        self.assertEqual(scope.pop("extensions"), {
            "http.response.trailers": {}, "http.response.early_hint": {},
            "http.response.pathsend": {}})
        self.assertEqual(scope, {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.5"},
            "http_version": "1.1", "method": "GET", "scheme": "http", "path": "/scope",
            "raw_path": b"/scope", "query_string": b"q=%20", "root_path": "",
            "state": {"list": []}})

    def test_a_path_is_decoded(self):
        scope = ast.literal_eval(self.server.text("/%73cope"))
        self.assertEqual((scope["path"], scope["raw_path"]), ("/scope", b"/%73cope"))

    def test_the_events_of_a_body(self):
        one = {"type": "http.request", "body": b"x", "more_body": False}
        self.assertEqual(self.server.ask("/events", "POST", b"x")[2], repr([one]).encode())

    def test_the_state_is_copied_for_each(self):
        self.assertEqual([self.server.text("/state") for _ in range(2)],
                         [str([("list", [1] * n), ("own", 1)]) for n in (1, 2)])


class ReceiveAndSendTest(ServerCase):
    def test_a_body_of_any_size(self):
        for content in (b"", b"x", bytes(range(256)) * 12_000):
            self.assertEqual(self.server.ask("/echo", "POST", content)[2], content)

    def test_both_are_coroutine_functions(self):
        self.assertEqual(self.server.text("/in/tasks"), "['http.request', True, True]")

    def test_tasks_send_in_the_order_of_their_calls(self):
        self.assertEqual(self.server.ask("/in/order")[2],
                         b"".join(bytes([i]) * 100_000 for i in range(100)))

    def test_tasks_receive_in_the_order_of_their_calls(self):
        request = b"POST /many/receive HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        with self.server.connect(request) as client, client.makefile("rb") as answer:
            while answer.readline() != b"ask\n":
                pass
            for piece in (b"1\r\na\r\n", b"1\r\nb\r\n", b"0\r\n\r\n"):
                client.sendall(piece)
                time.sleep(0.05)  # pieces that come together are one event
            while b"[" not in (line := answer.readline()):
                self.assertTrue(line)
        self.assertEqual(line, b"[b'a', b'b', b'']\r\n")

    def test_waiting_can_be_given_up(self):
        self.assertEqual(self.server.text("/give/up"), "2")
        self.assert_serves()

    def test_who_has_given_up_gets_no_event(self):
        request = b"POST /ask/again HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
        with self.server.connect(request) as client, client.makefile("rb") as answer:
            while answer.readline() != b"ask\n":
                pass
            client.sendall(b"Hi")
            self.assertIn(b"2\r\nHi\r\n", answer.read())

    def test_sending_can_be_given_up(self):
        with self.server.connect(b"GET /give/up/sending HTTP/1.1\r\nHost: x\r\n\r\n") as client:
            self.server.wait_for_log("gave up sending")
            answer = b""
            while b"3\r\nend\r\n0\r\n\r\n" not in answer[-20:]:
                answer += client.recv(1 << 20)
        sent = int(re.search(r"gave up sending (\d+)", self.server.log())[1])
        self.assertEqual(answer.count(b"x" * 1_000_000), sent)

    def test_what_is_ready_does_not_suspend(self):
        self.assertEqual(self.server.text("/does/not/suspend"), "[]")

    def test_an_event_that_is_wrong_raises(self):
        self.assertEqual(json.loads(self.server.text("/bad/events")), [
            "TypeError", "TypeError", "KeyError", "TypeError", "ValueError", "KeyError",
            "TypeError", "RuntimeError", "RuntimeError",
            "TypeError", "TypeError", "ValueError", "TypeError", "TypeError",
            "RuntimeError", "RuntimeError", "RuntimeError", "RuntimeError",
            "FileNotFoundError", "ValueError", "TypeError", "KeyError", "TypeError",
            "RuntimeError"])
        self.server.wait_for_log("after the end RuntimeError")

    def test_what_may_be_given_for_bytes(self):
        status, headers, body = self.server.ask("/good/events")
        self.assertEqual((status, headers["x-a"], headers["x-b"], body), (201, "v", "v", b"abcd"))

    def test_receive_and_send_after_the_end(self):
        with self.server.connect(b"GET /left/behind HTTP/1.1\r\nHost: x\r\n\r\n") as client:
            self.assertTrue(client.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n"))
            for what in ("waiting", "receive", "send"):
                self.server.wait_for_log(f"{what}: RuntimeError")
        self.assert_serves()

    def test_a_file_whose_name_is_not_utf8(self):
        self.assertEqual(self.server.text("/file"), "its text")

    def test_many_slow_readers_hold_back_nobody(self):
        clients = [self.server.connect(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
                   for _ in range(200)]
        for client in clients:
            client.recv(1)
        self.assert_serves()
        for client in clients:
            client.close()
        end = time.monotonic() + PATIENCE
        while self.server.log().count("the stream has ended") < 200:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)


class EndTest(ServerCase):
    def test_a_client_that_has_gone(self):
        client = self.server.connect(b"GET /disconnect HTTP/1.1\r\nHost: x\r\n\r\n")
        while b"go\n" not in client.recv(65536):
            pass
        client.close()
        self.server.wait_for_log("event: {'type': 'http.disconnect'}")
        self.server.wait_for_log("raised: Disconnected")
        self.assert_serves()
        self.assertNotIn("Traceback", self.server.log())
        self.assertNotIn("application failed", self.server.log())

    def test_a_client_that_leaves_a_stream(self):
        for target in (b"/endless", b"/endless/in/group"):
            with self.server.connect(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % target) as client:
                client.recv(100_000)
        end = time.monotonic() + PATIENCE
        while self.server.log().count("the stream has ended") < 2:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        self.assert_serves()
        self.assertNotIn("application failed", self.server.log())

    def assert_ends_in_one_line(self, error):
        self.server.wait_for_log(f"application ended after a disconnect: {error}\n")
        self.assertNotIn("Traceback", self.server.log())
        self.assertNotIn("application failed", self.server.log())

    def test_an_exception_because_the_client_has_gone(self):
        for query, error in ((b"", "probes.Left: gone"), (b"?key", "KeyError: 'body'"),
                             (b"?cancelled", "asyncio.exceptions.CancelledError")):
            with self.subTest(query):
                with self.server.connect(b"POST /leave%s HTTP/1.1\r\nHost: x\r\n"
                                         b"Content-Length: 9\r\n\r\nbegin" % query):
                    self.server.wait_for_log("received b'begin'")
                self.assert_ends_in_one_line(error)

    def test_an_exception_because_the_client_has_left_a_stream(self):
        with self.server.connect(b"GET /leave/stream HTTP/1.1\r\nHost: x\r\n\r\n") as client:
            client.recv(1)
        self.assert_ends_in_one_line("probes.Left: gone")

    def test_an_exception_because_nothing_could_be_sent(self):
        with self.server.connect(b"GET /leave/sending HTTP/1.1\r\nHost: x\r\n\r\n") as client:
            client.recv(1)
        self.assert_ends_in_one_line("probes.Left: sending")

    def test_an_exception_because_a_websocket_has_ended(self):
        with WebSocket(self.server, "/ws/leave") as client:
            self.assertEqual(client.close(1001), 1001)
        self.assert_ends_in_one_line("probes.Left: the WebSocket")

    def test_an_exception_after_an_end_of_its_own(self):
        """Its disconnect says nothing of the client: it is a fault like any other."""
        self.assertEqual(self.server.text("/leave/at/end"), "complete")
        self.server.wait_for_log("application failed: probes.Left: gone")
        with WebSocket(self.server, "/ws/leave?close") as client:
            self.assertEqual(client.receive(), 1000)
        self.server.wait_for_log("application failed: probes.Left: the WebSocket")
        with WebSocket(self.server, "/ws/leave?close-and-send") as client:
            self.assertEqual(client.receive(), 1000)
        self.server.wait_for_log("application failed: probes.Left: after its own end")
        self.assertEqual(self.server.log().count("    Traceback"), 3)

    def assert_fails(self, target, name, status=500):
        self.assertEqual(self.server.ask(target)[0], status)
        self.server.wait_for_log(f"application failed: {name}")
        self.assert_serves()

    def test_an_exception_before_the_response(self):
        self.assert_fails("/fail/before", "ValueError: before")
        self.assertRegex(self.server.log(), r"(?m)^    Traceback .*\n(    .*\n)*"
                                            r".*probes.py.* in fail_before\n(    .*\n)*"
                                            r"    ValueError: before\napplication failed: ")

    def test_an_exception_in_the_response(self):
        with self.server.connect(b"GET /fail/after HTTP/1.1\r\nHost: x\r\n\r\n") as client:
            answer = client.makefile("rb").read()
        self.assertTrue(answer.endswith(b"4\r\nsome\r\n"), answer)  # and no last chunk
        self.assert_serves()

    def test_an_exception_after_the_response(self):
        connection = self.server.http()
        for _ in range(2):  # on one connection: the client has its answer, and may go on
            connection.request("GET", "/fail/at/end")
            answer = connection.getresponse()
            self.assertEqual((answer.status, answer.read()), (200, b"complete"))
        connection.close()
        self.server.wait_for_log("application failed: ValueError: at the end")

    def test_an_exception_cannot_write_the_log(self):
        self.server.ask("/fail/badly")
        self.server.wait_for_log('"GET /fail/badly HTTP/1.1" 500')
        self.assertNotRegex(self.server.log(), r'(?m)^127\.0\.0\.1 "GET /forged')
        self.assertNotIn("\x1b", self.server.log())

    def test_an_exception_that_is_hard_to_show(self):
        for target, name in (("/fail/with/a/note", "ValueError: why\n"),
                             ("/fail/with/half/a/character", "ValueError: half \\x5cud83d\n")):
            with self.subTest(target):
                self.assert_fails(target, name)
        for line in ("ValueError: why", "where", "ValueError: half \\ud83d"):
            self.assertIn(f"    {line}\n", self.server.log())

    def test_an_application_that_is_silent(self):
        self.assertEqual(self.server.ask("/silent")[0], 500)
        self.assert_serves()

    def test_what_is_no_exception(self):
        self.assert_fails("/fail/without/a/name", "BaseException: no Exception even")

    def test_an_answer_that_is_complete_stands(self):
        """What is sent after it is refused, and the connection goes on."""
        connection = self.server.http()
        for target, content in (("/answer/twice", b"first"), ("/send/after/end", b"complete"),
                                ("/echo", b"")):
            connection.request("GET", target)
            answer = connection.getresponse()
            self.assertEqual((answer.status, answer.read()), (200, content), target)
        connection.close()
        for function in ("answer_twice", "send_after_end"):
            self.server.wait_for_log(f" in {function}\n")
        self.assertEqual(self.server.log().count("\napplication failed: RuntimeError: "), 2)

    def test_an_answer_that_has_not_begun_is_replaced(self):
        for target, error in (("/start/twice", "RuntimeError: "), ("/body/first", "RuntimeError: "),
                              ("/send/a/number", "TypeError: "), ("/send/text", "TypeError: ")):
            with self.subTest(target):
                self.assert_fails(target, error)

    def test_an_answer_that_is_not_complete(self):
        self.assertEqual(self.server.ask("/only/start")[0], 500)
        self.server.wait_for_log("application returned without a response")
        for target in ("/end/early", "/cancel/after"):
            with self.subTest(target), self.assertRaises(http.client.IncompleteRead) as cut:
                self.server.ask(target)
            self.assertEqual(cut.exception.partial, b"some")
        self.server.wait_for_log("application returned before its response was complete")
        self.server.wait_for_log("application failed: asyncio.exceptions.CancelledError")
        self.assert_serves()

    def test_one_that_never_answers_holds_up_nobody(self):
        with self.server.connect(b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n"):
            for _ in range(10):
                self.assert_serves()
        self.assert_serves()
        self.assertEqual(self.server.log().count("application failed"), 0)

    def test_one_that_blocks_holds_up_all_and_loses_nobody(self):
        with self.server.connect(b"GET /block HTTP/1.1\r\nHost: x\r\n\r\n") as client, \
             client.makefile("rb") as answer:
            self.server.wait_for_log("blocking")
            waiting = [self.server.connect(b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n")
                       for _ in range(20)]
            for each in waiting:
                self.assertTrue(each.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n"))
                each.close()
            self.assertEqual(answer.readline(), b"HTTP/1.1 200 OK\r\n")
        log = self.server.log()
        self.assertLess(log.index('"GET /block HTTP/1.1" 200'), log.index('"GET /echo '))

    def test_a_task_that_is_cancelled(self):
        for target in ("/cancel", "/raise/cancelled"):
            self.assert_fails(target, "asyncio.exceptions.CancelledError")

    def test_there_is_no_such_application(self):
        self.assert_fails("/nothing", "KeyError: 'nothing'")


class ExitTest(ServerCase):
    OPTIONS = ("--timeout-graceful-shutdown", "1")

    def assert_ends(self, status):
        self.assertEqual(self.server.process.wait(PATIENCE), status)
        self.assertIn("{'type': 'lifespan.shutdown'}", self.server.log())

    def test_sys_exit_stops_the_server(self):
        for target, status in (("/exit/at/once", 500), ("/exit/later", 500),
                               (f"/exit/at/once?{2 ** 40 + 3}", 500)):
            with self.subTest(target):
                self.assertEqual(self.server.ask(target)[0], status)
                self.assert_ends(3)
                self.setUp()

    def test_what_an_application_starts_keeps_no_socket(self):
        self.assertEqual(self.server.text("/inherited"), "0\n")

    def test_a_signal_to_a_process_that_is_forked_off(self):
        self.assertEqual(self.server.text("/forked"), str(signal.SIGTERM.value))
        self.assert_serves()

    def test_a_process_that_is_forked_off_keeps_no_port(self):
        child = int(self.server.text("/fork/one/that/stays"))
        self.addCleanup(os.kill, child, signal.SIGKILL)
        self.server.process.kill()
        self.server.process.wait()
        with self.assertRaises(ConnectionRefusedError):
            self.server.connect()

    def test_a_process_that_is_forked_off_twice_keeps_what_is_its_own(self):
        self.assertEqual(self.server.text("/fork/twice"), "2")

    def test_sys_exit_is_no_second_signal(self):
        head = (b"POST /exit/after/body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                b"Content-Length: 1\r\n\r\n")
        with self.server.connect(head) as client:
            client.recv(1000)  # 100: the application waits
            self.server.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(ConnectionError):
                while True:  # it still takes clients: it has not heard the signal
                    self.server.connect(b"").close()
            client.sendall(b"x")
            self.assert_ends(3)

    def test_sys_exit_with_a_word(self):
        self.assertEqual(self.server.text("/exit/with/a/word"), "answered")
        self.assert_ends(1)
        self.assertIn("\n    why\n    forged \\ud83d\n", self.server.log())

    def test_sys_exit_after_the_answer(self):
        self.assertEqual(self.server.text("/exit/answered"), "answered")
        self.assert_ends(0)

    def test_keyboard_interrupt_stops_the_server(self):
        self.assertEqual(self.server.ask("/interrupt")[0], 500)
        self.assert_ends(0)

    def test_a_signal_ends_it_in_order(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                self.assert_serves()
                self.server.process.send_signal(number)
                self.assert_ends(0)
                self.setUp()

    def test_a_signal_in_the_middle_of_a_stream(self):
        with self.server.connect(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n") as client:
            client.recv(1)
            self.server.process.send_signal(signal.SIGTERM)
            self.assert_ends(0)
        self.assertIn("the stream has ended", self.server.log())

    def test_a_signal_while_an_application_hangs(self):
        with self.server.connect(b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n"):
            self.assert_serves()  # and so /hang has begun
            self.server.process.send_signal(signal.SIGTERM)
            self.assert_ends(0)
        log = self.server.log()
        self.assertLess(log.index("no more hanging"), log.index("{'type': 'lifespan.shutdown'}"))

    def test_signals_while_an_application_blocks_the_loop(self):
        """The loop does not hear them. One that comes later interrupts what blocks it."""
        with self.server.connect(b"GET /block/for/ever HTTP/1.1\r\nHost: x\r\n\r\n"):
            self.server.wait_for_log("blocking")
            end = time.monotonic() + PATIENCE
            while "KeyboardInterrupt" not in self.server.log() and time.monotonic() < end:
                self.server.process.send_signal(signal.SIGINT)
                with contextlib.suppress(subprocess.TimeoutExpired):  # one more while it ends kills
                    self.server.process.wait(1.5)
            self.assertEqual(self.server.process.wait(PATIENCE), 0)
        self.assertRegex(self.server.log(), r"in block_for_ever\n(    .*\n)*    KeyboardInterrupt\n")


class LastWordsTest(unittest.TestCase):
    """What an application does when it is cancelled, and nothing can be sent any more."""

    def stop_while_it_hangs(self, *options):
        server = Server(PROGRAM, "probes:app", *options)
        self.addCleanup(server.__exit__)
        client = server.connect(b"GET /hang/and/send HTTP/1.1\r\nHost: x\r\n\r\n")
        self.addCleanup(client.close)
        self.assertEqual(server.text("/groups"), "[True]")  # and so that has begun
        server.process.send_signal(signal.SIGTERM)
        return server

    def assert_ends(self, server):
        self.assertEqual(server.process.wait(PATIENCE), 0)
        for what in ("receive", "send"):
            self.assertIn(f"\n{what}: Disconnected\n", server.log())

    def test_a_second_signal(self):
        server = self.stop_while_it_hangs("--timeout-graceful-shutdown", "3600")
        with contextlib.suppress(ConnectionError):
            while True:  # until it has heard the first one
                server.connect().close()
        server.process.send_signal(signal.SIGTERM)
        self.assert_ends(server)

    def test_without_a_lifespan(self):
        self.assert_ends(self.stop_while_it_hangs("--lifespan", "off",
                                                  "--timeout-graceful-shutdown", "1"))


class SlowLifespanTest(ServerCase):
    APP = "probes:app_with_slow_lifespan"
    OPTIONS = ("--timeout-graceful-shutdown", "1")

    def test_calls_end_before_its_shutdown(self):
        with self.server.connect(b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n"):
            self.assert_serves()  # and so /hang has begun
            self.server.process.send_signal(signal.SIGTERM)
            self.assertEqual(self.server.process.wait(PATIENCE), 0)
        log = self.server.log()
        self.assertLess(log.index("no more hanging"), log.index("{'type': 'lifespan.shutdown'}"))


class AsyncioTest(ServerCase):
    def test_context_variables_are_those_of_a_request(self):
        for _ in range(2):
            self.assertEqual(self.server.text("/context"), "(0, 1, True)")

    def test_timers(self):
        self.assertEqual(self.server.text("/timers"), "([0.01, 0.02, 0.03], True)")

    def test_sockets(self):
        self.assertEqual(self.server.text("/sockets"), "".join(f"HELLO {i}\n" for i in range(10)))

    def test_a_subprocess(self):
        self.assertEqual(self.server.text("/subprocess"), "(b'through a pipe', 0)")

    def test_threads(self):
        self.assertEqual(self.server.text("/threads"), "(False, True)")

    def test_a_signal_handler(self):
        self.assertEqual(self.server.text("/signals"), "True")

    def test_an_asynchronous_generator(self):
        self.assertEqual(self.server.text("/generators"), "closed")

    def test_a_group_of_tasks(self):
        self.assertEqual(self.server.text("/groups"), "[True]")

    def test_a_thread_that_burns_the_processor(self):
        burning = threading.Thread(target=self.server.text, args=("/busy/thread",))
        burning.start()
        count = 0
        while burning.is_alive():
            self.assert_serves()
            count += 1
        self.assertGreater(count, 10)


class WebSocketTest(ServerCase):
    def test_text_and_bytes(self):
        with WebSocket(self.server, "/ws/echo") as client:
            for message in ("text", "", b"bytes", b"", "\u20ac" * 30_000, b"x" * 100_000):
                client.send(message)
                self.assertEqual(client.receive(), message)
            self.assertEqual(client.close(3001), 3001)
        self.server.wait_for_log(
            "event: {'type': 'websocket.disconnect', 'code': 3001, 'reason': ''}")

    def test_an_event_that_is_wrong_raises(self):
        with WebSocket(self.server, "/ws/bad/events") as client:
            self.assertIn(b"x-a: b\r\n", client.head)
            self.assertEqual(json.loads(client.receive()), [
                "RuntimeError", "ValueError", "ValueError", "TypeError", "TypeError", "ValueError",
                "UnicodeEncodeError", "RuntimeError", "RuntimeError", "RuntimeError", "TypeError"])
            self.assertEqual(client.receive(), 3000)

    def test_one_task_receives_while_another_sends(self):
        with WebSocket(self.server, "/ws/two/tasks") as client:
            self.assertEqual([client.receive() for _ in range(3)], [f"tick {i}" for i in range(3)])
            client.send("last")
            self.assertEqual([client.receive(), client.receive()], ["last", 1000])

    def test_waiting_that_is_given_up_loses_no_message(self):
        messages = ["one", "two", "three", "four"]
        with WebSocket(self.server, "/ws/give/up/late") as client:
            for message in messages:
                client.send(message)
            for message in messages:
                self.assertEqual(client.receive(), message)

    def test_an_exception_closes_it(self):
        with WebSocket(self.server, "/ws/fail") as client:
            self.assertEqual(client.receive(), 1011)
        self.server.wait_for_log("application failed: ValueError: in a WebSocket")

    def test_one_that_returns(self):
        with WebSocket(self.server, "/ws/silent") as client:
            self.assertEqual(client.status, 500)
        self.server.wait_for_log("application returned without an answer to websocket.connect")
        with WebSocket(self.server, "/ws/only/accept") as client:
            self.assertEqual(client.receive(), 1000)

    def test_an_event_that_is_wrong_closes_it(self):
        with WebSocket(self.server, "/ws/accept/twice") as client:
            self.assertEqual(client.receive(), 1011)
        self.server.wait_for_log("application failed: RuntimeError: ")
        with WebSocket(self.server, "/ws/send/after/close") as client:
            self.assertEqual(client.receive(), 1000)
        self.server.wait_for_log("after the close: Disconnected")
        self.assert_serves()

    def test_it_can_be_denied(self):
        with WebSocket(self.server, "/ws/deny") as client:
            self.assertEqual(client.status, 401)

    def test_sending_to_a_client_that_has_gone(self):
        with WebSocket(self.server, "/ws/send/to/nobody") as client:
            client.socket.shutdown(socket.SHUT_RDWR)
        self.server.wait_for_log("'code': 1006")
        self.server.wait_for_log("raised: Disconnected")


class LeakTest(ServerCase):
    OPTIONS = ("--no-access-log",)
    MOST_KEPT = 100  # objects, and blocks of memory

    def count(self):
        """Once all that was asked has ended: the lifespan and the counting itself are two tasks."""
        counts = [0, 0, 0]
        while counts[2] != 2:
            counts = json.loads(self.server.text("/count"))
        return counts

    def ask_many(self, target, times):
        connection = self.server.http()
        for _ in range(times):
            connection.request("GET", target)
            answer = connection.getresponse()
            try:
                answer.read()
            except http.client.IncompleteRead:  # it was cut off
                connection.close()
        connection.close()

    def talk(self, times):
        for _ in range(times):
            with WebSocket(self.server, "/ws/echo") as client:
                client.send("x")
                client.receive()
                client.close()

    def leave(self, times):
        for _ in range(times):
            with self.server.connect(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n") as client:
                client.recv(1)

    def work(self, times):
        """Some twenty requests for each of `times`, of all kinds."""
        self.ask_many("/echo", 15 * times)
        self.ask_many("/in/tasks", 3 * times)
        self.ask_many("/fail/before", times)
        self.ask_many("/left/behind", times // 2)
        self.ask_many("/give/up", times // 50)
        self.talk(times // 2)
        self.leave(times // 10)

    def test_nothing_is_kept_of_requests(self):
        self.work(300)  # Python makes some things once, or for what it has seen often
        counts = [self.count()]
        for _ in range(4):
            self.work(300)
            counts.append(self.count())
        # What requests leave behind is left in each round. What Python keeps to use again comes in
        # some of them, and goes in others: so the round in which the least was added tells.
        for kept in zip(*counts):
            added = min(after - before for before, after in zip(kept, kept[1:]))
            self.assertLess(added, self.MOST_KEPT, counts)



if __name__ == "__main__":
    unittest.main()
