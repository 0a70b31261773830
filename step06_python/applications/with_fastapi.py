"""FastAPI: what is asked is checked by its type, and the pages of documentation are made of it.

  ./workshop run 6 with_fastapi:app
"""

import asyncio
import threading

from fastapi import BackgroundTasks, Depends, FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

app = FastAPI()
sessions = []  # what has been opened and closed
seen = []


class Order(BaseModel):
    name: str
    count: int = 1


async def session():
    sessions.append("open")
    yield len(sessions)
    sessions.append("closed")


@app.on_event("startup")
async def begin():
    seen.append("startup")


@app.on_event("shutdown")
async def end():
    print("shutdown", flush=True)


@app.get("/")
async def hello(name: str = "world"):
    return {"hello": name}


@app.get("/items/{number}")
async def item(number: int, session: int = Depends(session)):
    return {"number": number}


@app.get("/sessions")
def opened():
    return sessions


@app.post("/upload")
async def upload(request: Request):
    return {"size": sum([len(piece) async for piece in request.stream()])}


@app.get("/stream")
async def stream():
    async def numbers():
        for number in range(3):
            yield f"data: {number}\n\n"
            await asyncio.sleep(0.01)
    return StreamingResponse(numbers(), media_type="text/event-stream")


@app.get("/thread")
def in_a_thread():
    """A function that is no coroutine is called in a thread."""
    return threading.current_thread() is threading.main_thread()


@app.get("/later")
async def later(tasks: BackgroundTasks):
    tasks.add_task(seen.append, "task")
    return "soon"


@app.get("/seen")
async def show_seen():
    return seen


@app.get("/fail")
async def fail():
    raise ValueError("as asked")


@app.post("/orders", status_code=201)
async def order(order: Order):
    return {"ordered": [order.name] * order.count}


@app.websocket("/double")
async def double(socket: WebSocket):
    await socket.accept()
    try:
        while True:
            await socket.send_json(2 * await socket.receive_json())
    except WebSocketDisconnect:
        pass
