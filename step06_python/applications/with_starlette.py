"""Starlette: routes, JSON, a stream, a background task, a WebSocket, and what startup has made.

  ./workshop run 6 with_starlette:app
"""

import asyncio
import contextlib
import threading

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route, WebSocketRoute


@contextlib.asynccontextmanager
async def lifespan(app):
    app.state.seen = ["startup"]
    yield
    print("shutdown", flush=True)


async def hello(request):
    return PlainTextResponse(f"Hello, {request.query_params.get('name', 'World')}!")


async def upload(request):
    content = await request.body()
    return JSONResponse({"size": len(content), "url": str(request.url)})


async def json(request):
    return JSONResponse({"got": await request.json()})


def in_a_thread(request):
    """A view that is no coroutine: Starlette calls it in a thread, and the loop goes on."""
    return PlainTextResponse(str(threading.current_thread() is threading.main_thread()))


async def stream(request):
    async def numbers():
        for number in range(3):
            yield f"data: {number}\n\n"
            await asyncio.sleep(0.01)
    return StreamingResponse(numbers(), media_type="text/event-stream")


async def later(request):
    """The answer is complete before the task begins."""
    async def remember():
        await asyncio.sleep(0.01)
        request.app.state.seen.append("task")
    return PlainTextResponse("soon\n", background=BackgroundTask(remember))


async def seen(request):
    return JSONResponse(request.app.state.seen)


async def fail(request):
    raise ValueError("as asked")


async def echo(socket):
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


app = Starlette(lifespan=lifespan, routes=[
    Route("/", hello), Route("/upload", upload, methods=["POST"]),
    Route("/json", json, methods=["POST"]), Route("/thread", in_a_thread), Route("/stream", stream), Route("/later", later), Route("/seen", seen), Route("/fail", fail),
    WebSocketRoute("/echo", echo)])
