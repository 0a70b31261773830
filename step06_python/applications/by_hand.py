"""An application without a server and without a loop: its coroutine is resumed by hand, which is what
an asyncio.Task does with it. As send() never waits, one step is enough."""


async def hello(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"Hello\n"})


async def send(event):
    print(event)


coroutine = hello({}, None, send)
try:
    coroutine.send(None)
except StopIteration:
    print("It has ended, and it never suspended.")
