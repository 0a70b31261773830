"""Four applications that take a second: three ways to wait, and one to keep the only thread.

  ./workshop run 6 sleeping:app --app-dir tests/exercises/applications
"""

import asyncio
import time


async def wait():
    await asyncio.sleep(1)


def doze():
    for _ in range(20):
        time.sleep(0.05)


async def wait_in_a_thread():
    await asyncio.to_thread(doze)


async def keep():
    time.sleep(1)


async def keep_later():
    await asyncio.sleep(0.01)
    time.sleep(1)


PATHS = {"/wait": wait, "/thread": wait_in_a_thread, "/keep": keep, "/later": keep_later}


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("http only")
    if scope["path"] in PATHS:
        await PATHS[scope["path"]]()
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"done\n"})
