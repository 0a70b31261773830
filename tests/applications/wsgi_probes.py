"""A WSGI application that shows what it is told, and breaks the rules where it is asked to. The
validator of Python's library is around it: what it has to say is in the log."""

import json
from wsgiref.validate import validator

from wsgi_pool import WsgiPool


def answer(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [json.dumps({key: value for key, value in environ.items()
                        if isinstance(value, str)}).encode()]


def fail_after(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    yield b"some"
    raise ValueError("as asked")


def start_twice(environ, start_response):
    start_response("200 OK", [])
    start_response("200 OK", [])


def start_never(environ, start_response):
    return [b"x"]


def replace(environ, start_response):
    """What has not been sent can be replaced, by who says of which exception."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    try:
        raise ValueError
    except ValueError as error:
        start_response("503 Busy", [("Content-Type", "text/plain")],
                       (ValueError, error, error.__traceback__))
    return [b"", b"replaced"]


def dispatch(environ, start_response):
    view = {"/fail/after": fail_after, "/start/twice": start_twice, "/start/never": start_never,
            "/replace": replace}.get(environ["PATH_INFO"], answer)
    return view(environ, start_response)


app = WsgiPool(dispatch)
validated = WsgiPool(validator(dispatch))
