"""The chat of the demo for many processes, on many machines: what they share is in Redis. Beside this
file is haproxy.cfg, for HAProxy in front of two servers. Each of these in a terminal of its own:

  redis-server --save ""
  ./workshop run 6 with_redis:app --port 8001 --workers 2 --proxy-headers
  ./workshop run 6 with_redis:app --port 8002 --workers 2 --proxy-headers
  haproxy -f step06_python/applications/haproxy.cfg

The chat is at http://127.0.0.1:8000/. Another Redis is named by REDIS_URL.
"""

import asyncio
import contextlib
import os
import platform
import sys
import uuid
from collections import deque

from redis.asyncio import Redis
from redis.exceptions import RedisError

from chat import LONGEST_TEXT, Member, name_in, show_events
from demo import hello, not_found, send_text, show_scope

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379")
MESSAGES, NAMES = "chat:messages", "chat:names"  # the keys in Redis
RECENT = 50  # messages, which who comes later sees too
LIFETIME = 3  # seconds: who has not been there for so long has left
PATIENCE = 5  # seconds, for Redis


class SharedRoom:
    """Who is here, at this worker, and what all workers share. The messages are a stream of Redis.
    The names are a set, each with the time until which that is believed: so it makes no difference
    whether somebody has left, or their worker has died, or its machine."""

    def __init__(self, redis):
        self.redis = redis
        self.members = {}  # by what stands for them among NAMES
        self.names = "who"
        self.recent = deque(maxlen=RECENT)
        self.last = "0"  # of the messages that were read here

    @contextlib.contextmanager
    def with_member(self, member):
        key = f"{uuid.uuid4().hex}\t{member.name}"
        self.members[key] = member
        member.tell_who(self.names)
        for text in self.recent:
            member.tell(text)
        try:
            yield
        finally:
            del self.members[key]

    async def say(self, name, text):
        await self.redis.xadd(MESSAGES, {"text": f"chat\t{name}\t{text}"}, maxlen=RECENT)

    async def read_messages(self):
        """What anybody has said, at whichever worker. Waits for it as long as it may take."""
        for _, messages in await self.redis.xread({MESSAGES: self.last}, block=1000 * PATIENCE):
            for self.last, message in messages:
                self.recent.append(message["text"])
                for member in self.members.values():
                    if member.outbox:
                        member.tell(message["text"])

    async def read_names(self):
        """Who is there, at all workers; and all of them hear who is here."""
        now, _ = await self.redis.time()  # the clocks of machines differ
        async with self.redis.pipeline() as pipeline:
            if self.members:
                pipeline.zadd(NAMES, {key: now + LIFETIME for key in self.members})
            pipeline.zremrangebyscore(NAMES, "-inf", now)
            pipeline.zrange(NAMES, 0, -1)
            *_, keys = await pipeline.execute()
        names = "\t".join(["who", *sorted(key.partition("\t")[2] for key in keys)])
        if names != self.names:
            self.names = names
            for member in self.members.values():
                member.tell_who(names)
        await asyncio.sleep(1)


async def for_ever(work):
    """Redis may be away for a time: what was said meanwhile at other workers is read later."""
    while True:
        try:
            await work()
        except RedisError as error:
            print(f"Redis: {error}", file=sys.stderr, flush=True)
            await asyncio.sleep(1)


async def hear(room, name, receive):
    while (event := await receive())["type"] == "websocket.receive":
        text = event.get("text")
        if text is not None and len(text.encode()) <= LONGEST_TEXT:
            await room.say(name, text)


async def chat(scope, receive, send):
    await send({"type": "websocket.accept"})
    worker = f"event\tworker\t{os.getpid()} on {platform.node()}"
    await send({"type": "websocket.send", "text": worker})
    room, member = scope["state"]["room"], Member(name_in(scope["query_string"]))
    writing = asyncio.create_task(member.write(send))
    try:
        with room.with_member(member):
            await hear(room, member.name, receive)
    except RedisError:
        await send({"type": "websocket.close", "code": 1013, "reason": "try again later"})
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)


async def health(scope, receive, send):
    """/health: HAProxy asks for it. A worker that does not reach Redis is of no use to anybody."""
    try:
        await scope["state"]["room"].redis.ping()
        await send_text(send, 200, f"worker {os.getpid()}\n")
    except RedisError as error:
        await send_text(send, 503, f"Redis: {error}\n")


async def lifespan(scope, receive, send):
    await receive()
    async with Redis.from_url(REDIS_URL, decode_responses=True, socket_timeout=2 * PATIENCE,
                              socket_connect_timeout=PATIENCE) as redis:
        try:
            await redis.ping()
        except RedisError as error:  # without it there is nothing to begin
            return await send({"type": "lifespan.startup.failed", "message": str(error)})
        room = scope["state"]["room"] = SharedRoom(redis)
        reading = [asyncio.create_task(for_ever(work))
                   for work in (room.read_messages, room.read_names)]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
        await redis.connection_pool.disconnect()
    await send({"type": "lifespan.shutdown.complete"})


async def deny(scope, receive, send):
    await send({"type": "websocket.close"})


HTTP = {"/": hello, "/health": health, "/scope": show_scope}
WEBSOCKET = {"/ws/chat": show_events(chat)}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(scope, receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await WEBSOCKET.get(scope["path"], deny)(scope, receive, send)
    else:
        await HTTP.get(scope["path"], not_found)(scope, receive, send)
