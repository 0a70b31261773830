"""Flask is WSGI: a call that returns when all is done, in a thread. A bridge calls it for ASGI, and
asgiref's has one thread for all: while one view sleeps, the others wait. See /sleep. With the other
bridge, of wsgi_pool.py, as many views are called at once as there are threads.

  ./workshop run 6 with_flask:app
  ./workshop run 6 with_flask:pooled
"""

import asyncio
import logging
import threading
import time

from asgiref.wsgi import WsgiToAsgi
from flask import Flask, request

from wsgi_pool import WsgiPool

logging.basicConfig()  # Flask's own handler wants a stream of text, which the bridge does not have
flask_app = Flask(__name__)
app = WsgiToAsgi(flask_app)
pooled = WsgiPool(flask_app)
four = threading.Barrier(4)


@flask_app.get("/")
def hello():
    return f"Hello, {request.args.get('name', 'World')}!"


@flask_app.post("/form")
def form():
    return request.form.to_dict()


@flask_app.post("/json")
def json():
    return {"got": request.get_json()}


@flask_app.post("/upload")
def upload():
    return f"{len(request.get_data())} octets"


@flask_app.get("/stream")
def stream():
    return (f"{number}\n" for number in range(3)), {"content-type": "text/plain"}


@flask_app.get("/events")
def events():
    return (f"data: {number}\n\n" for number in range(3)), {"content-type": "text/event-stream"}


@flask_app.get("/sleep")
def sleep():
    time.sleep(0.1)
    return "slept"


@flask_app.get("/async")
async def later():
    """A coroutine, as Flask takes it since 2.0: the thread of its request waits until it has ended."""
    await asyncio.sleep(0.1)
    return f"slept in {threading.current_thread().name}"


@flask_app.get("/together")
def together():
    """Answers when four are here at the same time: where there is one thread, nobody gets that."""
    try:
        four.wait(10)
    except threading.BrokenBarrierError:
        four.reset()
        return "nobody else has come", 503
    return "all four"


@flask_app.get("/endless")
def endless():
    def pieces():
        try:
            while True:
                yield b"x" * 65536
        finally:
            print("the stream has ended", flush=True)
    return pieces(), {"content-type": "application/octet-stream"}


@flask_app.get("/fail")
def fail():
    raise ValueError("as asked")
