"""A bridge from ASGI to WSGI with a pool of threads. asgiref's calls all views in one thread, for many
libraries of WSGI's time are not made for more; this one is for applications that are.

  ./workshop run 6 with_flask:pooled
"""

import asyncio
import concurrent.futures
import sys
import tempfile

MOST_IN_MEMORY = 256 * 1024  # octets of a body; what is larger waits in a file


class WsgiPool:
    """An ASGI application. Its requests are answered by a WSGI application, in `threads` threads."""

    def __init__(self, app, threads=16):
        self.app = app
        self.pool = concurrent.futures.ThreadPoolExecutor(threads)

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            raise ValueError(f"WSGI has no {scope['type']}")
        body = await read_body(receive)
        if body is None:
            return
        loop = asyncio.get_running_loop()

        def send_and_wait(event):
            """From the thread: a client that reads too slowly holds it back, and nobody else."""
            asyncio.run_coroutine_threadsafe(send(event), loop).result()

        response = Response(send_and_wait)
        await loop.run_in_executor(self.pool, response.run, self.app, make_environ(scope, body))


async def read_body(receive):
    """The body as a file. A WSGI application cannot wait for more of it. None: the client has gone."""
    body, more_body = tempfile.SpooledTemporaryFile(MOST_IN_MEMORY), True
    while more_body:
        event = await receive()
        if event["type"] == "http.disconnect":
            return body.close()
        body.write(event["body"])
        more_body = event["more_body"]
    return body


def make_environ(scope, body):
    """What WSGI has instead of a scope: strings whose characters stand for octets."""
    path = scope["path"].removeprefix(scope["root_path"])
    server, client = scope["server"] or ("localhost", 80), scope["client"] or ("", 0)
    environ = {
        "REQUEST_METHOD": scope["method"], "SCRIPT_NAME": octets(scope["root_path"]),
        "PATH_INFO": octets(path), "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0], "SERVER_PORT": str(server[1] or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}", "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0), "wsgi.url_scheme": scope["scheme"], "wsgi.input": body,
        "wsgi.input_terminated": True,  # the file ends where the body does, also one of chunks
        "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": True,
        "wsgi.run_once": False}
    for name, value in scope["headers"]:
        if b"_" not in name:  # x_a would be taken for x-a
            key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
            value = value.decode("latin-1")
            joint = "; " if name == b"cookie" else ", "
            environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ.pop("HTTP_CONTENT_LENGTH", None)
    environ["CONTENT_LENGTH"] = str(body.tell())
    body.seek(0)
    return environ


def octets(text):
    return text.encode().decode("latin-1")


class Response:
    """What a WSGI application answers, as events. All of it happens in a thread of the pool."""

    def __init__(self, send):
        self.send = send
        self.start = None
        self.started = False

    def run(self, app, environ):
        with environ["wsgi.input"]:
            pieces = app(environ, self.start_response)
            try:
                for piece in pieces:
                    if piece:
                        self.write(piece)
                self.write(b"", more_body=False)
            finally:
                if hasattr(pieces, "close"):
                    pieces.close()

    def start_response(self, status, headers, exc_info=None):
        if self.started and exc_info:
            raise exc_info[1].with_traceback(exc_info[2])
        if self.start and not exc_info:
            raise RuntimeError("start_response() a second time")
        pairs = [(name.lower().encode("latin-1"), value.encode("latin-1"))
                 for name, value in headers]
        self.start = {"type": "http.response.start", "status": int(status[:3]), "headers": pairs}
        return self.write

    def write(self, piece, more_body=True):
        if not self.start:
            raise RuntimeError("a body before start_response()")
        if not self.started:
            self.started = True
            self.send(self.start)
        self.send({"type": "http.response.body", "body": piece, "more_body": more_body})
