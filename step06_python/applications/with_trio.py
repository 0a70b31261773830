"""Trio has a loop of its own. As a guest it runs in turns of another one: here of asyncio's, which is
the server's. OnTrio calls an application as a task of Trio; what that awaits of the server is awaited
by asyncio meanwhile.

  ./workshop run 6 with_trio:app
"""

import asyncio
import functools

import outcome
import trio


class OnTrio:
    """An application for asyncio, which calls `app` in Trio. Trio runs from startup to shutdown."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        else:
            await self.call(scope, receive, send)

    async def live(self, receive, send):
        loop = asyncio.get_running_loop()
        began, ended = loop.create_future(), loop.create_future()
        await receive()
        trio.lowlevel.start_guest_run(
            self.main, began, done_callback=ended.set_result, host_uses_signal_set_wakeup_fd=True,
            run_sync_soon_threadsafe=loop.call_soon_threadsafe)
        await began
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.token.run_sync_soon(self.nursery.cancel_scope.cancel)
        (await ended).unwrap()
        await send({"type": "lifespan.shutdown.complete"})

    async def main(self, began):
        """The first task in Trio, which all others are children of."""
        async with trio.open_nursery() as self.nursery:
            self.token = trio.lowlevel.current_trio_token()
            began.set_result(None)
            await trio.sleep_forever()

    async def call(self, scope, receive, send):
        """A call in asyncio lasts as long as the one in Trio. If it is cancelled, so is that one."""
        ended, cancelling = asyncio.get_running_loop().create_future(), trio.CancelScope()

        async def run():
            with cancelling:
                result = await outcome.acapture(self.app, scope, in_asyncio(receive),
                                                in_asyncio(send))
            ended.set_result(result)

        self.token.run_sync_soon(self.nursery.start_soon, run)
        try:
            await asyncio.wait([ended])
        finally:
            if not ended.done():
                self.token.run_sync_soon(cancelling.cancel)
                await asyncio.wait([ended])
        ended.result().unwrap()


def in_asyncio(function):
    """A coroutine function of asyncio's, for Trio: a task of asyncio does the waiting. If it has done
    its work before it is cancelled, its result is not lost."""
    @functools.wraps(function)
    async def call(*arguments):
        waiting, token = trio.lowlevel.current_task(), trio.lowlevel.current_trio_token()
        task = asyncio.ensure_future(function(*arguments))
        task.add_done_callback(
            lambda _: token.run_sync_soon(trio.lowlevel.reschedule, waiting))
        raise_cancelled = task.result

        def cancel(raise_cancel):
            nonlocal raise_cancelled
            raise_cancelled = raise_cancel
            task.cancel()
            return trio.lowlevel.Abort.FAILED  # not yet: the task tells when it has ended

        await trio.lowlevel.wait_task_rescheduled(cancel)
        return raise_cancelled() if task.cancelled() else task.result()
    return call


# ---- an application in Trio ----

async def answer(send, text, status=200):
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


async def hello(scope, receive, send):
    await trio.sleep(0)
    await answer(send, "Hello from Trio!")


async def race(scope, receive, send):
    """/race: whoever comes first cancels the others, and all have ended when the block has."""
    order = []

    async def run(name, seconds):
        try:
            await trio.sleep(seconds)
            order.append(f"{name} has come first")
            nursery.cancel_scope.cancel()
        except trio.Cancelled:
            order.append(f"{name} has given up")
            raise

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run, "the hare", 3600)
        nursery.start_soon(run, "the tortoise", 0.01)
    await answer(send, ", ".join(order))


async def upload(scope, receive, send):
    size, more_body = 0, True
    while more_body:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        size, more_body = size + len(event["body"]), event["more_body"]
    await answer(send, f"{size} octets")


async def ticks(scope, receive, send):
    """/ticks: a stream without an end. Its client ends it, or the server."""
    await send({"type": "http.response.start", "status": 200})
    try:
        while True:
            await send({"type": "http.response.body", "body": b"tick\n", "more_body": True})
            await trio.sleep(0.01)
    finally:
        print("the stream has ended", flush=True)


async def fail(scope, receive, send):
    await trio.sleep(0)
    raise ValueError("as asked")


async def not_found(scope, receive, send):
    await answer(send, "there is nothing at this path", 404)


async def echo(scope, receive, send):
    """Each message comes back; who says nothing for a minute has to leave."""
    await receive()
    await send({"type": "websocket.accept"})
    with trio.move_on_after(60) as patience:
        while (event := await receive())["type"] == "websocket.receive":
            await send({**event, "type": "websocket.send"})
            patience.deadline = trio.current_time() + 60
    if patience.cancelled_caught:
        await send({"type": "websocket.close", "reason": "nothing for a minute"})


PATHS = {"/": hello, "/race": race, "/upload": upload, "/ticks": ticks, "/fail": fail}


async def dispatch(scope, receive, send):
    called = echo if scope["type"] == "websocket" else PATHS.get(scope["path"], not_found)
    await called(scope, receive, send)


app = OnTrio(dispatch)
