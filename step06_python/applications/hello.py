"""The smallest application: it says hello to everybody, and knows nothing of a lifespan."""


async def app(scope, receive, send):
    if scope["type"] != "http":
        raise ValueError("http only")
    await send({
        "type": "http.response.start",
        "status": 200,
        "headers": [(b"content-type", b"text/plain"), (b"content-length", b"13")],
    })
    await send({"type": "http.response.body", "body": b"Hello, World!"})
