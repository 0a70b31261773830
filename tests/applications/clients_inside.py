"""An application that is a client itself, of what `url` names: of this server, or of another one. Its
clients are made at startup, and closed at the end."""

import asyncio
from urllib.parse import parse_qs

import aiohttp
import httpx


async def answer(send, status, text):
    await send({"type": "http.response.start", "status": status})
    await send({"type": "http.response.body", "body": text.encode()})


async def lifespan(scope, receive, send):
    await receive()
    async with httpx.AsyncClient(timeout=20) as scope["state"]["httpx"], \
               aiohttp.ClientSession() as scope["state"]["aiohttp"]:
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def get_with_httpx(client, url):
    answer = await client.get(url)
    return answer.status_code, answer.text


async def get_with_aiohttp(client, url):
    async with client.get(url) as answer:
        return answer.status, await answer.text()


async def post_with_httpx(client, url):
    answer = await client.post(url, content=bytes(3_000_000))
    return answer.status_code, answer.text


async def post_with_aiohttp(client, url):
    async with client.post(url, data=bytes(3_000_000)) as answer:
        return answer.status, await answer.text()


async def talk_with_aiohttp(client, url):
    async with client.ws_connect(url) as socket:
        await socket.send_str("through two servers")
        return 200, await socket.receive_str()


async def many_with_httpx(client, url):
    answers = await asyncio.gather(*(client.get(url) for _ in range(50)))
    return max(answer.status_code for answer in answers), "".join(each.text for each in answers)


async def many_with_aiohttp(client, url):
    answers = await asyncio.gather(*(get_with_aiohttp(client, url) for _ in range(50)))
    return max(status for status, _ in answers), "".join(text for _, text in answers)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return await lifespan(scope, receive, send)
    if scope["path"] == "/":
        return await answer(send, 200, ".")
    verb, name = scope["path"].strip("/").split("/")
    url = parse_qs(scope["query_string"].decode())["url"][0]
    called = globals()[f"{verb}_with_{name}"]  # /get/httpx
    await answer(send, *await called(scope["state"][name], url))
