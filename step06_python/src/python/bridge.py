"""The part of the bridge that is said best in Python. C++ calls what stands here, and gives each
call of an application a `channel`: its receive() and send() do at once what can be done at once, and
return a Future for the rest."""

import asyncio
import errno
import functools
import importlib
import os
import selectors
import signal
import sys
import time
import traceback
import types


class Disconnected(ConnectionError):
    """What send() raises when the client has gone: an OSError of this server's own."""

    def __init__(self):
        super().__init__(errno.EPIPE, "the client has gone")


class Selector(selectors.DefaultSelector):
    """Waits where the server waits: `wait` returns whether what is selected here has events. When
    the server has ended, there is nothing else to wait for, and `wait` is None."""

    def __init__(self, wait):
        super().__init__()
        self.wait = wait

    def select(self, timeout=None):
        if self.wait is None:
            return super().select(timeout)
        return super().select(0) if self.wait(timeout) else []


def make_loop(selector):
    loop = asyncio.SelectorEventLoop(selector)
    asyncio.set_event_loop(loop)
    return loop


def catch_signals(loop, stop):
    """In Python's way, not in C++'s: an application may look for the handlers, or set its own. While
    it blocks the loop, that hears no signal: then one that comes a second after the first raises
    KeyboardInterrupt in it."""
    unheard = []  # when they came

    def hear():
        unheard.clear()
        stop()

    def note(number, frame):
        unheard.append(time.monotonic())
        if unheard[-1] - unheard[0] > 1:
            raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, hear)
        signal.signal(number, note)
        signal.siginterrupt(number, False)  # as asyncio has it


def at_fork(loop, leave_port):
    """What an application forks off must not keep the port: clients would wait there for nobody."""
    inherits = True

    def leave():
        nonlocal inherits
        if inherits:  # and has not left it yet: this may be forked off by one that was forked off
            inherits = False
            forget_signals()
            if not loop.is_closed():  # later there is no server any more
                leave_port()
    os.register_at_fork(after_in_child=leave)


def forget_signals():
    """A process that is forked off has the handlers, but no loop: they would wake that of its parent."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def end_tasks(loop):
    """Ends what applications have left running. From now on a signal ends the process at once."""
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)
        signal.signal(number, signal.SIG_DFL)
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:  # gather() would ask for a loop, which asyncio.run() at an import has taken away
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(loop.shutdown_default_executor())


def exit_status(error):
    """That of the program, as Python has it, when this has come out of the loop."""
    if isinstance(error, KeyboardInterrupt):
        return 0  # as at the signal itself
    if not isinstance(error, SystemExit):
        sys.stderr.write(show(error))  # nothing else comes out of it
        return 1
    code = error.code
    if isinstance(code, int) or code is None:
        return (code or 0) & 0xFF  # as exit() takes it
    sys.stderr.write(indent(str(code)))
    return 1


def load(name, directory, factory):
    """The application of a name: MODULE:ATTRIBUTE, where the attribute may have attributes."""
    sys.path.insert(0, os.path.abspath(directory))
    module, _, attributes = name.partition(":")
    app = functools.reduce(getattr, attributes.split("."), importlib.import_module(module))
    if factory:
        app = app()
    if not callable(app):
        raise TypeError(f"{name} is not callable: {app!r}")
    return app


async def receive(channel):
    event = channel.receive()
    return event if type(event) is dict else await next_event(channel, event)


async def next_event(channel, turn):
    """Waits for its turn, and only then takes an event: who is cancelled meanwhile takes none."""
    try:
        await turn
        return channel.take()
    finally:
        channel.leave(turn)


async def send(channel, event):
    sent = channel.send(event)
    if sent is not None:
        await sent


async def live(app, scope, receive, send, channel):
    """The call that is the lifespan. All others are cancelled before it is told of the end, which may
    close what they use: the server has closed its connections, and who has not ended yet is late."""
    async def receive_when_calls_end():
        event = await receive()
        if event["type"] == "lifespan.shutdown":
            cancel_calls()
            await asyncio.sleep(0)  # they have their turn first
        return event
    await call(app, scope, receive_when_calls_end, send, channel)


async def call(app, scope, receive, send, channel):
    """A call of an application. The channel is told when that has ended, and of what: None, or the
    exception that it has raised."""
    try:
        await app(scope, receive, send)
    except BaseException as error:
        if isinstance(error, (SystemExit, KeyboardInterrupt)):
            loop = asyncio.get_running_loop()
            loop.call_soon(raise_again, error)  # it ends the program
            loop.call_soon(channel.finish, error)  # after that: it must not begin to serve
        else:
            channel.finish(error)
    else:
        channel.finish(None)


def cancel_calls():
    for task in asyncio.all_tasks():
        if getattr(task.get_coro(), "cr_code", None) is call.__code__:  # and not that of live()
            task.cancel()


def raise_again(error):
    raise error


def make_start(loop, app):
    """Returns a function that calls an application, in a task of its own, whose first step is made at
    once: an application that never has to wait has ended when it returns, without a turn of the loop.
    """
    def start(scope, channel):
        run = live if scope["type"] == "lifespan" else call
        receiving, sending = types.MethodType(receive, channel), types.MethodType(send, channel)
        return start_task(loop, run(app, scope, receiving, sending, channel))
    return start


def start_task(loop, coroutine):
    """A task that is made asks the loop to call its first step soon. Here it is called now."""
    if sys.version_info >= (3, 12):
        return asyncio.Task(coroutine, loop=loop, eager_start=True)
    asked = []
    loop.call_soon = lambda step, *, context: asked.append((step, context))  # of this loop alone
    try:
        task = asyncio.Task(coroutine, loop=loop)
    finally:
        del loop.call_soon
    step, context = asked.pop()
    context.run(step)
    return task


def is_disconnect(error):
    """Whether an application has failed of nothing but that its client has gone."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(is_disconnect, error.exceptions))
    return isinstance(error, Disconnected)


# Who chose a part of an exception's text can neither begin a line of the log with it, for each is
# indented, nor steer a terminal.
CONTROLS = {code: f"\\x{code:02x}" for code in [*range(0x20), *range(0x7F, 0xA0)] if code != 0x0A}


def show(error):
    """The traceback of an exception, as the log has it."""
    return indent("".join(traceback.format_exception(error)))


def indent(text):
    lines = encodable(text.translate(CONTROLS)).splitlines()
    return "".join(f"    {line}\n" for line in lines)


def encodable(text):
    """A str may have half a character in it (a surrogate), which is nothing in UTF-8."""
    return text.encode(errors="backslashreplace").decode()


def name(error):
    """An exception in one line, without its notes."""
    shown = traceback.TracebackException(type(error), error, None)
    shown.__notes__ = None
    return encodable(list(shown.format_exception_only())[-1].strip())
