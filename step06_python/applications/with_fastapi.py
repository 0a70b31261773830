"""FastAPI: what is asked is checked by its type, and the pages of documentation are made of it.

  ./workshop run 6 with_fastapi:app
"""

from fastapi import Depends, FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel

app = FastAPI()
sessions = []  # what has been opened and closed


class Order(BaseModel):
    name: str
    count: int = 1


async def session():
    sessions.append("open")
    yield len(sessions)
    sessions.append("closed")


@app.get("/")
async def hello():
    return {"hello": "world"}


@app.get("/items/{number}")
async def item(number: int, session: int = Depends(session)):
    return {"number": number}


@app.get("/sessions")
def opened():
    return sessions


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
