"""Flask is WSGI: a call that returns when all is done, in a thread. A bridge calls it for ASGI, and
asgiref's has one thread for all: while one view sleeps, the others wait. See /sleep.

  ./workshop run 6 with_flask:app
"""

import logging
import time

from asgiref.wsgi import WsgiToAsgi
from flask import Flask, request

logging.basicConfig()  # Flask's own handler wants a stream of text, which the bridge does not have
flask_app = Flask(__name__)
app = WsgiToAsgi(flask_app)


@flask_app.get("/")
def hello():
    return f"Hello, {request.args.get('name', 'World')}!"


@flask_app.post("/form")
def form():
    return request.form.to_dict()


@flask_app.post("/upload")
def upload():
    return f"{len(request.get_data())} octets"


@flask_app.get("/stream")
def stream():
    return (f"{number}\n" for number in range(3)), {"content-type": "text/plain"}


@flask_app.get("/sleep")
def sleep():
    time.sleep(0.1)
    return "slept"


@flask_app.get("/fail")
def fail():
    raise ValueError("as asked")
