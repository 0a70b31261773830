"""Applications that show what an application sees, each at the path of its name: /fail/before is
fail_before()."""

import asyncio
import contextlib
import contextvars
import gc
import json
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from subprocess import PIPE, run

background = set()  # tasks: asyncio itself keeps none of them
number = contextvars.ContextVar("number", default=0)


def log(*what):
    print(*what, file=sys.stderr, flush=True)


async def start(send, status=200, *headers):
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def body(send, content=b"", more_body=False):
    await send({"type": "http.response.body", "body": content, "more_body": more_body})


async def answer(send, text, status=200):
    await start(send, status, (b"content-type", b"text/plain"))
    await body(send, text if isinstance(text, bytes) else str(text).encode())


async def read(receive):
    content, more = b"", True
    while more:
        event = await receive()
        content += event["body"]
        more = event["more_body"]
    return content


async def raised(awaitable):
    """What is raised, in a word."""
    try:
        return repr(await awaitable)
    except Exception as error:
        return type(error).__name__


# ---- what is given to an application ----

async def scope(scope, receive, send):
    await answer(send, repr(scope))


async def events(scope, receive, send):
    await answer(send, [await receive(), await asyncio.wait_for(receive(), 5)]
                 if scope["query_string"] else [await receive()])


async def state(scope, receive, send):
    """Each scope has a copy: a key is not seen by others, what stands under it is."""
    scope["state"]["own"] = 1
    scope["state"]["list"].append(1)
    await answer(send, sorted(scope["state"].items()))


# ---- what an application does ----

async def echo(scope, receive, send):
    await answer(send, await read(receive))


async def file(scope, receive, send):
    """Sends a file whose name is not UTF-8."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, os.fsdecode(b"\xff"))
        with open(path, "w") as text:
            text.write("its text")
        await start(send)
        await send({"type": "http.response.pathsend", "path": path})


async def in_tasks(scope, receive, send):
    """receive() and send() are coroutine functions like any other."""
    event = await asyncio.create_task(receive())
    await asyncio.create_task(start(send))
    functions = [asyncio.iscoroutinefunction(receive), asyncio.iscoroutinefunction(send)]
    await asyncio.create_task(body(send, repr([event["type"], *functions]).encode()))


async def in_order(scope, receive, send):
    """A hundred tasks send at once, more than the system takes at once."""
    await start(send)
    async with asyncio.TaskGroup() as group:
        for i in range(100):
            group.create_task(body(send, bytes([i]) * 100_000, more_body=True))
    await body(send)


async def many_receive(scope, receive, send):
    """Several tasks ask for the pieces of a body that has not come yet."""
    tasks = [asyncio.create_task(receive()) for _ in range(3)]
    await start(send)
    await body(send, b"ask\n", more_body=True)
    pieces = [(await task)["body"] for task in tasks]
    await body(send, repr(pieces).encode())


async def give_up(scope, receive, send):
    """Waits in vain, twice, and loses nothing."""
    await read(receive)
    given_up = 0
    for _ in range(2):
        try:
            async with asyncio.timeout(0.01):
                await receive()
        except TimeoutError:
            given_up += 1
    await answer(send, given_up)


async def ask_again(scope, receive, send):
    """Gives up, and waits once more: what comes then is for who waits then."""
    try:
        async with asyncio.timeout(0.01):
            await receive()
    except TimeoutError:
        pass
    await start(send)
    await body(send, b"ask\n", more_body=True)
    await body(send, await read(receive))


async def give_up_sending(scope, receive, send):
    """Nobody reads: the event has been sent nevertheless, once."""
    await start(send)
    sent = 0
    try:
        async with asyncio.timeout(0.2):
            while True:
                sent += 1
                await body(send, b"x" * 1_000_000, more_body=True)
    except TimeoutError:
        log("gave up sending", sent)
    await body(send, b"end")


async def does_not_suspend(scope, receive, send):
    """What is ready is there at once: the loop has no turn meanwhile."""
    turns = []
    asyncio.get_running_loop().call_soon(turns.append, "a turn")
    await receive()
    await start(send)
    await body(send, repr(turns).encode())


async def bad_events(scope, receive, send):
    good = {"type": "http.response.start", "status": 200}
    cases = [5, None, {}, {"type": 5}, {"type": "http.nothing"}, {"type": "http.response.start"},
             {**good, "status": "200"}, {**good, "status": 99}, {**good, "status": 10**30},
             {**good, "headers": 5}, {**good, "headers": [5]}, {**good, "headers": [(b"a",)]},
             {**good, "headers": [("a", "b")]}, {**good, "headers": [(b"a", None)]},
             {**good, "headers": [(b"a", b"b\nc")]}, {"type": "http.response.body"},
             {"type": "websocket.accept"}, {"type": "lifespan.startup.complete"},
             {"type": "http.response.pathsend", "path": "/nowhere/at/all"},
             {"type": "http.response.pathsend", "path": "/etc/passwd\0.png"},
             {"type": "http.response.pathsend", "path": b"/etc/passwd"},
             {"type": "http.response.pathsend"}]
    names = [await raised(send(event)) for event in cases]
    await start(send)
    names.append(await raised(send({"type": "http.response.body", "body": "text"})))
    names.append(await raised(send({"type": "http.response.start", "status": 200})))
    await body(send, json.dumps(names).encode())
    log("after the end", await raised(send({"type": "http.response.body"})))


async def good_events(scope, receive, send):
    """What may be given instead of bytes, a list and a bool."""
    headers = ((name, bytearray(b"v")) for name in (memoryview(b"x-a"), b"x-b"))
    await send({"type": "http.response.start", "status": 201, "headers": headers, "other": 1})
    await send({"type": "http.response.body", "body": bytearray(b"ab"), "more_body": 1})
    await send({"type": "http.response.body", "body": memoryview(b"cd"), "more_body": None})


async def left_behind(scope, receive, send):
    """A task that calls receive() and send() when the application has returned."""
    async def later():
        log("waiting:", await raised(waiting))
        log("receive:", await raised(receive()))
        log("send:", await raised(send({"type": "http.response.body"})))
    await read(receive)
    waiting = asyncio.create_task(receive())
    task = asyncio.create_task(later())
    background.add(task)
    task.add_done_callback(background.discard)
    await asyncio.sleep(0)
    await start(send)
    await body(send, b"left", more_body=True)


async def disconnect(scope, receive, send):
    """Waits for the end of the client, and then sends."""
    await start(send)
    await body(send, b"go\n", more_body=True)
    await read(receive)
    log("event:", await receive())
    try:
        while True:  # a client that has ended its side only may still read
            await body(send, b"?", more_body=True)
            await asyncio.sleep(0)
    except OSError as error:
        log("raised:", type(error).__name__)
        raise


async def endless(scope, receive, send):
    await start(send)
    try:
        while True:
            await body(send, b"x" * 65536, more_body=True)
    finally:
        log("the stream has ended")


async def endless_in_group(scope, receive, send):
    async with asyncio.TaskGroup() as group:
        group.create_task(endless(scope, receive, send))


async def hang(scope, receive, send):
    try:
        await asyncio.sleep(3600)
    finally:
        log("no more hanging")


async def hang_and_send(scope, receive, send):
    """Has something to say, and to ask, when it is cancelled."""
    await read(receive)
    await start(send)
    try:
        await asyncio.sleep(3600)
    finally:
        log("receive:", await raised(receive()))
        log("send:", await raised(body(send, b"end", more_body=True)))


class Left(Exception):
    """What a framework raises when its client has left."""


async def leave(scope, receive, send):
    """Frameworks raise something when the client has gone, and what is written by hand fails."""
    while (event := await receive())["type"] != "http.disconnect":
        log("received", event["body"])
    raise {b"": Left("gone"), b"cancelled": asyncio.CancelledError, b"key": KeyError("body")}[
        scope["query_string"]]


async def leave_stream(scope, receive, send):
    await start(send)
    await body(send, b"some", more_body=True)
    await leave(scope, receive, send)


async def leave_sending(scope, receive, send):
    """So does who only sends, as Starlette's streams do."""
    await start(send)
    try:
        while True:
            await body(send, bytes(1000), more_body=True)
            await asyncio.sleep(0.01)
    except OSError:
        raise Left("sending")


async def leave_at_end(scope, receive, send):
    await answer(send, "complete")
    await leave(scope, receive, send)


async def ws_leave(scope, receive, send):
    await send({"type": "websocket.accept"})
    if scope["query_string"]:
        await send({"type": "websocket.close"})
    if scope["query_string"] == b"close-and-send":
        try:
            await send({"type": "websocket.send", "text": "late"})
        except OSError:
            raise Left("after its own end") from None
    while (await receive())["type"] != "websocket.disconnect":
        pass
    raise Left("the WebSocket")


# ---- how an application ends ----

async def fail_before(scope, receive, send):
    await start(send)
    raise ValueError("before")


async def fail_after(scope, receive, send):
    await start(send)
    await body(send, b"some", more_body=True)
    raise ValueError("after")


async def fail_at_end(scope, receive, send):
    await answer(send, "complete")
    raise ValueError("at the end")


async def fail_badly(scope, receive, send):
    raise ValueError('\n127.0.0.1 "GET /forged HTTP/1.1" 200\x1b[31m')


async def fail_with_a_note(scope, receive, send):
    error = ValueError("why")
    error.add_note("where")
    raise error


async def fail_with_half_a_character(scope, receive, send):
    raise ValueError("half \ud83d")


async def fail_without_a_name(scope, receive, send):
    raise BaseException("no Exception even")


async def answer_twice(scope, receive, send):
    await answer(send, "first")
    await answer(send, "second")


async def send_after_end(scope, receive, send):
    await answer(send, "complete")
    await body(send, b"more", more_body=True)


async def start_twice(scope, receive, send):
    await start(send)
    await start(send, 201)


async def only_start(scope, receive, send):
    await start(send)


async def end_early(scope, receive, send):
    """Ends, and its last piece was not the last one."""
    await start(send)
    await body(send, b"some", more_body=True)


async def body_first(scope, receive, send):
    await body(send, b"where is the start?")


async def send_a_number(scope, receive, send):
    await send(5)


async def send_text(scope, receive, send):
    await start(send)
    await body(send, "text, and no bytes")


async def block(scope, receive, send):
    """Waits without await: nothing else has its turn meanwhile."""
    log("blocking")
    time.sleep(1)
    await answer(send, "blocked")


async def block_for_ever(scope, receive, send):
    log("blocking")
    while True:
        pass


async def silent(scope, receive, send):
    pass


async def cancel(scope, receive, send):
    asyncio.current_task().cancel()
    await asyncio.sleep(0)


async def cancel_after(scope, receive, send):
    await start(send)
    await body(send, b"some", more_body=True)
    await cancel(scope, receive, send)


async def raise_cancelled(scope, receive, send):
    raise asyncio.CancelledError


async def inherited(scope, receive, send):
    """How many sockets a program has that is started with all that is not closed for it."""
    count = "ls -l /proc/self/fd | grep -c socket:"
    done = run(count, shell=True, close_fds=False, stdout=PIPE)
    await answer(send, done.stdout)


def fork_sleeper():
    """Returns the pid of a process of our own that is there, and does nothing."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(theirs, b"x")
        time.sleep(3600)
        os._exit(0)
    os.read(ours, 1)
    os.close(ours)
    os.close(theirs)
    return child


async def forked(scope, receive, send):
    """The signal that has ended a process of our own."""
    child = fork_sleeper()
    os.kill(child, signal.SIGTERM)
    await answer(send, os.WTERMSIG(os.waitpid(child, 0)[1]))


async def fork_one_that_stays(scope, receive, send):
    await answer(send, fork_sleeper())


async def fork_twice(scope, receive, send):
    """Whether what a process that is forked off opens is there in one that it forks off itself."""
    child = os.fork()
    if child == 0:
        ends = os.pipe()
        grandchild = os.fork()
        if grandchild == 0:
            with contextlib.suppress(OSError):
                os._exit(len([os.fstat(end) for end in ends]))
            os._exit(0)
        os._exit(os.WEXITSTATUS(os.waitpid(grandchild, 0)[1]))
    await answer(send, os.WEXITSTATUS(os.waitpid(child, 0)[1]))


async def exit_at_once(scope, receive, send):
    sys.exit(int(scope["query_string"] or 3))


async def exit_with_a_word(scope, receive, send):
    await answer(send, "answered")
    asyncio.get_running_loop().call_soon(sys.exit, "why\nforged \ud83d")


async def exit_later(scope, receive, send):
    await asyncio.sleep(0.01)
    sys.exit(3)


async def exit_after_body(scope, receive, send):
    await read(receive)
    sys.exit(3)


async def exit_answered(scope, receive, send):
    await answer(send, "answered")
    sys.exit()


async def interrupt(scope, receive, send):
    await asyncio.sleep(0)
    raise KeyboardInterrupt


# ---- asyncio as a whole ----

async def context(scope, receive, send):
    seen = number.get()
    number.set(seen + 1)
    await asyncio.sleep(0)
    await answer(send, (seen, number.get(), asyncio.current_task() is not None))


async def timers(scope, receive, send):
    loop, order = asyncio.get_running_loop(), []
    for delay in (0.03, 0.01, 0.02):
        loop.call_later(delay, order.append, delay)
    cancelled = loop.call_later(0.005, order.append, "cancelled")
    cancelled.cancel()
    before = loop.time()
    await asyncio.sleep(0.05)
    await answer(send, (order, 0.04 < loop.time() - before < 2))


async def sockets(scope, receive, send):
    async def upper(reader, writer):
        writer.write((await reader.readline()).upper())
        writer.close()
        await writer.wait_closed()
    async with await asyncio.start_server(upper, "127.0.0.1", 0) as server:
        streams = [await asyncio.open_connection(*server.sockets[0].getsockname())
                   for _ in range(10)]
        for i, (_, writer) in enumerate(streams):
            writer.write(b"hello %d\n" % i)
        lines = [await reader.read() for reader, _ in streams]
        for _, writer in streams:
            writer.close()
    await answer(send, b"".join(lines))


async def subprocess(scope, receive, send):
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec("cat", stdin=pipe, stdout=pipe)
    output, _ = await process.communicate(b"through a pipe")
    await answer(send, (output, process.returncode))


async def threads(scope, receive, send):
    loop, called = asyncio.get_running_loop(), asyncio.Event()
    main = await asyncio.to_thread(lambda: threading.current_thread() is threading.main_thread())
    threading.Thread(target=loop.call_soon_threadsafe, args=(called.set,)).start()
    await called.wait()
    await answer(send, (main, threading.current_thread() is threading.main_thread()))


async def busy_thread(scope, receive, send):
    """A thread that burns the processor: others have their turn all the same."""
    def burn():
        until = time.monotonic() + 1
        while time.monotonic() < until:
            pass
        return "burnt"
    await answer(send, await asyncio.to_thread(burn))


async def signals(scope, receive, send):
    loop, caught = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR2, caught.set)
    os.kill(os.getpid(), signal.SIGUSR2)
    await caught.wait()
    loop.remove_signal_handler(signal.SIGUSR2)
    await answer(send, callable(signal.getsignal(signal.SIGINT)))


async def generators(scope, receive, send):
    """One that is not run to its end is closed by the loop."""
    closed = asyncio.Event()

    async def numbers():
        try:
            for i in range(10):
                yield i
        finally:
            await asyncio.sleep(0)
            closed.set()
    async for i in numbers():
        if i == 3:
            break
    gc.collect()
    async with asyncio.timeout(10):
        await closed.wait()
    await answer(send, "closed")


async def groups(scope, receive, send):
    async def fail():
        await asyncio.sleep(0.01)
        raise KeyError("x")
    cancelled = []

    async def wait():
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(wait())
            group.create_task(fail())
    except* KeyError:
        await answer(send, cancelled)


async def count(scope, receive, send):
    """Objects and blocks of memory in use."""
    gc.collect()
    await answer(send, json.dumps([len(gc.get_objects()), sys.getallocatedblocks(),
                                   len(asyncio.all_tasks())]))


# ---- WebSockets ----

async def ws_echo(scope, receive, send):
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] == "websocket.receive":
        await send({**event, "type": "websocket.send"})
    log("event:", event)


async def ws_bad_events(scope, receive, send):
    names = [await raised(send({"type": "websocket.send", "text": "x"}))]
    await send({"type": "websocket.accept", "subprotocol": None, "headers": [(b"x-a", b"b")]})
    cases = [{}, {"text": None}, {"text": b"x"}, {"bytes": "x"}, {"text": "x", "bytes": b"x"},
             {"text": "\ud800"}]
    names += [await raised(send({"type": "websocket.send", **event})) for event in cases]
    names += [await raised(send({"type": "websocket.close", "code": code}))
              for code in (-1, 1005, 70000, "x")]
    await send({"type": "websocket.send", "text": json.dumps(names), "bytes": None})
    await send({"type": "websocket.close", "code": 3000, "reason": None})


async def ws_two_tasks(scope, receive, send):
    """One task receives while another one sends, as a chat does."""
    await send({"type": "websocket.accept"})

    async def tick():
        for i in range(3):
            await send({"type": "websocket.send", "text": f"tick {i}"})
            await asyncio.sleep(0.01)
    ticking = asyncio.create_task(tick())
    event = await receive()
    await ticking
    await send({"type": "websocket.send", "text": event["text"]})


async def ws_give_up_late(scope, receive, send):
    """Gives up waiting when its message has come already: that is for whoever comes next."""
    await send({"type": "websocket.accept"})
    waiting = receive()
    future = waiting.send(None)  # what a task does for it: here it can be seen
    behind = [asyncio.create_task(receive()) for _ in range(2)]
    while not future.done():
        await asyncio.sleep(0)
    behind.append(asyncio.create_task(receive()))
    with contextlib.suppress(asyncio.CancelledError):
        waiting.throw(asyncio.CancelledError)  # as in a task that is cancelled now
    for task in behind:
        await send({"type": "websocket.send", "text": (await task)["text"]})
    behind.clear()
    await send({"type": "websocket.send", "text": (await receive())["text"]})


async def ws_silent(scope, receive, send):
    pass


async def ws_only_accept(scope, receive, send):
    await send({"type": "websocket.accept"})


async def ws_accept_twice(scope, receive, send):
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.accept"})


async def ws_send_after_close(scope, receive, send):
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close"})
    log("after the close:", await raised(send({"type": "websocket.send", "text": "x"})))


async def ws_fail(scope, receive, send):
    await send({"type": "websocket.accept"})
    raise ValueError("in a WebSocket")


async def ws_deny(scope, receive, send):
    await send({"type": "websocket.http.response.start", "status": 401})
    await send({"type": "websocket.http.response.body", "body": b"no"})


async def ws_send_to_nobody(scope, receive, send):
    await send({"type": "websocket.accept"})
    log("event:", await receive())
    log("raised:", await raised(send({"type": "websocket.send", "text": "x"})))


async def lifespan(scope, receive, send):
    log(await receive())
    scope["state"]["list"] = []
    await send({"type": "lifespan.startup.complete"})
    log(await receive())
    await asyncio.sleep(0)
    await send({"type": "lifespan.shutdown.complete"})


async def slow_lifespan(scope, receive, send):
    """Asks for the end when that has come already, unless the machine is very slow."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await asyncio.sleep(4)
    log(await receive())
    await send({"type": "lifespan.shutdown.complete"})


async def app_with_slow_lifespan(scope, receive, send):
    await (slow_lifespan if scope["type"] == "lifespan" else app)(scope, receive, send)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return await lifespan(scope, receive, send)
    if scope["type"] == "websocket":
        await receive()
    name = scope["path"].strip("/").replace("/", "_")
    await globals()[name](scope, receive, send)


class Nested:
    class Deep:
        application = staticmethod(app)


def make():
    return app


async def without_lifespan(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("http only")
    await answer(send, "no lifespan")


async def failing_lifespan(scope, receive, send):
    await receive()
    raise ValueError("no database")


async def exiting_lifespan(scope, receive, send):
    await receive()
    sys.exit(5)


async def late_exiting_lifespan(scope, receive, send):
    if scope["type"] != "lifespan":
        return await answer(send, "served")
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await asyncio.sleep(0.1)
    sys.exit(5)


async def interrupted_lifespan(scope, receive, send):
    await receive()
    raise KeyboardInterrupt


async def hanging_lifespan(scope, receive, send):
    await receive()
    log("starting")
    try:
        await asyncio.sleep(3600)
    finally:
        log("given up")


async def displaced_lifespan(scope, receive, send):
    """Listens at the port before the server does."""
    await receive()
    with socket.socket() as first:
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        first.bind(("127.0.0.1", int(os.environ["PORT"])))
        first.listen()
        await send({"type": "lifespan.startup.complete"})
        log(await receive())
        await send({"type": "lifespan.shutdown.complete"})


async def refusing_lifespan(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database here"})


def not_a_coroutine(scope, receive, send):
    """An application may be any callable whose result can be awaited."""
    return asyncio.ensure_future(app(scope, receive, send))


def returns_nothing(scope, receive, send):
    return None


not_callable = 5
