"""Steps 02 and 03: what one client asks and is answered, from its first request to its last."""

import asyncio
import time

from honest.grammar import Grammar, Refused

REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
           408: "Request Timeout", 413: "Content Too Large", 414: "URI Too Long",
           417: "Expectation Failed", 431: "Request Header Fields Too Large",
           501: "Not Implemented", 503: "Service Unavailable", 505: "HTTP Version Not Supported"}


class Session(Grammar):
    def __init__(self, connection):
        super().__init__(connection.options.limit_request_body)
        self.connection = connection
        self.options = connection.options

    async def run(self):
        try:
            served = [one for one in self.connection.server.connections if not one.lingers]
            if len(served) > self.options.limit_concurrency:
                raise Refused(503, "the server has too many connections")
            request = await self.read_request()
            while request and await self.answer(request):
                request = await self.read_request()
        except Refused as refused:
            await self.refuse(refused)

    async def read_request(self):
        """The next request, or None where the client has ended without one."""
        connection = self.connection
        deadline = None
        while not (parsed := self.parse_head(connection.input)):
            connection.idle = not connection.input.lstrip(b"\r\n")
            if connection.idle:
                more = await self.wait_for_request()
            else:
                deadline = deadline or time.monotonic() + self.options.timeout_request_head
                more = await self.fill(deadline - time.monotonic(), "the head")
            if not more:
                return None
        request, size = parsed
        connection.idle = False
        del connection.input[:size]
        return request

    async def wait_for_request(self):
        if self.connection.server.stopping:
            return False
        try:
            return await self.connection.fill(self.options.timeout_keep_alive)
        except asyncio.TimeoutError:
            return False

    async def fill(self, seconds, what):
        try:
            return await self.connection.fill(seconds)
        except asyncio.TimeoutError:
            raise Refused(408, what + " did not come in time") from None

    # ---- answers ----

    async def answer(self, request):
        """Answers; false where that was the last answer on this connection."""
        self.method = request.method
        length = self.body_framing(request)
        expects_continue = self.expects_continue(request)
        keep = self.keep_alive(request)
        if request.path == b"/echo":
            content = await self.read_body(length, expects_continue)
            if content is None:
                return False  # the client has gone
            content_type = (request.find_all(b"content-type") or [b"application/octet-stream"])[0]
            fields = [(b"content-type", content_type)]
            status = 200
        else:
            keep = self.skip_body(length) and keep
            status, fields, content = self.respond(request)
        keep = keep and not self.connection.server.stopping
        fields += self.connection_fields(request, keep)
        await self.connection.send(self.format_answer(status, fields, content))
        return keep

    def respond(self, request):
        """What this server has at which path: a status, fields, content."""
        fields = [(b"content-type", b"text/plain")]
        if request.path == b"/reflect":
            return 200, fields, self.reflect(request)
        if request.path != b"/":
            return 404, fields, b"there is nothing at this path\n"
        if request.method not in (b"GET", b"HEAD"):
            fields.append((b"allow", b"GET, HEAD"))
            return 405, fields, b"this path has GET and HEAD only\n"
        return 200, fields, b"Hello, World!"

    def reflect(self, request):
        target = request.path + (b"?" + request.query if request.query else b"")
        lines = [b"%s %s HTTP/1.%d" % (request.method, target, request.minor_version)]
        lines += [name + b": " + value for name, value in request.fields]
        return b"\n".join([*lines, b""])

    def connection_fields(self, request, keep):
        if not keep:
            return [(b"connection", b"close")]
        return [(b"connection", b"keep-alive")] if request.minor_version == 0 else []

    async def refuse(self, refused):
        fields = [(b"content-type", b"text/plain"), (b"connection", b"close")]
        content = refused.rule.encode() + b"\n"
        await self.connection.send(self.format_answer(refused.status, fields, content))

    def format_answer(self, status, fields, content):
        fields = [*fields, *self.length_fields(content), *self.date_fields()]
        head = f"HTTP/1.1 {status} {REASONS[status]}\r\n".encode()
        head += b"".join(name + b": " + value + b"\r\n" for name, value in fields) + b"\r\n"
        return head + self.content_to_send(content)

    def length_fields(self, content):
        return [(b"content-length", b"%d" % len(content))]

    def date_fields(self):
        return [(b"date", time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime()).encode())]

    def content_to_send(self, content):
        return b"" if self.method == b"HEAD" else content

    # ---- bodies ----

    async def read_body(self, length, expects_continue):
        """The body, or None where the client has ended in the middle of it."""
        while not (parsed := self.parse_body(self.connection.input, length)):
            if expects_continue and not self.connection.input:
                await self.connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            expects_continue = False
            if not await self.fill(self.options.timeout_request_body, "the body"):
                return None
        content, size = parsed
        del self.connection.input[:size]
        return content

    def skip_body(self, length):
        """Removes a body that nobody reads; false where not all of it is there."""
        try:
            parsed = self.parse_body(self.connection.input, length)
        except Refused:
            return False
        if not parsed:
            return False
        del self.connection.input[: parsed[1]]
        return True


class OneRequest(Session):
    """Step 02: one request is answered, then the connection ends."""

    def __init__(self, connection):
        super().__init__(connection)
        connection.linger_octets = 16 * 1024 * 1024  # this step has no clock

    def keep_alive(self, request):
        return False
