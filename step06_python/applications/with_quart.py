"""Quart: Flask's interface, where each view is a coroutine.

  ./workshop run 6 with_quart:app
"""

import asyncio
import threading

from quart import Quart, request, websocket

app = Quart(__name__)
seen = []


@app.before_serving
async def begin():
    seen.append("startup")


@app.after_serving
async def end():
    print("shutdown", flush=True)


@app.get("/")
async def hello():
    return f"Hello, {request.args.get('name', 'World')}!"


@app.post("/json")
async def json():
    return {"got": await request.get_json()}


@app.post("/upload")
async def upload():
    size = 0
    async for piece in request.body:
        size += len(piece)
    return f"{size} octets"


@app.get("/stream")
async def stream():
    async def numbers():
        for number in range(3):
            yield f"{number}\n".encode()
            await asyncio.sleep(0.01)
    return numbers(), {"content-type": "text/plain"}


@app.get("/events")
async def events():
    async def numbers():
        for number in range(3):
            yield f"data: {number}\n\n".encode()
            await asyncio.sleep(0.01)
    return numbers(), {"content-type": "text/event-stream"}


@app.get("/later")
async def later():
    async def remember():
        seen.append("task")
    app.add_background_task(remember)
    return "soon"


@app.get("/seen")
async def show_seen():
    return seen


@app.get("/thread")
def in_a_thread():
    """A view that is no coroutine: Quart calls it in a thread."""
    return str(threading.current_thread() is threading.main_thread())


@app.get("/fail")
async def fail():
    raise ValueError("as asked")


@app.websocket("/echo")
async def echo():
    while True:
        await websocket.send(await websocket.receive())
