"""From bytes to values: what HTTP/1.1 lets stand in a request, and nothing else."""

import ipaddress
import re

LIMIT_LINE = 16 * 1024
LIMIT_SECTION = 32 * 1024
LIMIT_FIELDS = 100
LIMIT_METHOD = 32
LIMIT_EMPTY_LINES = 4
LIMIT_CHUNK_LINE = 8 * 1024
LIMIT_CHUNK_LINES = 64 * 1024

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
TARGET = rb"[!$-;=?-~]+"  # visible, without " # < >
AUTHORITY = rb"(\[[^]]*\]|[!$%&'()*+\-.0-9;=A-Z_a-z~]+)(?::([0-9]*))?"
LATER_ADDRESS = rb"[Vv][0-9A-Fa-f]+\.[!$&'()*+\-.0-9:;=A-Z_a-z~]+"
QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
BLANK = rb"[ \t]*"

TOKEN_ALONE = re.compile(TOKEN)
LENGTH = re.compile(rb"[0-9]+")
METHOD_BEGUN = re.compile(rb"(" + TOKEN + rb")?( .*)?", re.DOTALL)
REQUEST_LINE = re.compile(rb"(" + TOKEN + rb") (" + TARGET + rb") HTTP/([0-9])\.([0-9])")
ABSOLUTE = re.compile(rb"http://([^/?]*)(.*)", re.IGNORECASE)
HOST_AND_PORT = re.compile(AUTHORITY)
LATER_ADDRESS_ALONE = re.compile(LATER_ADDRESS)
BAD_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
FIELD_LINE = re.compile(rb"(" + TOKEN + rb"):([\t -~\x80-\xff]*)")
EXTENSION = (BLANK + rb";" + BLANK + TOKEN +
             rb"(?:" + BLANK + rb"=" + BLANK + rb"(?:" + TOKEN + rb"|" + QUOTED + rb"))?")
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:" + EXTENSION + rb")*")


class Refused(Exception):
    """A request that gets an error answer: its status, and the rule that was broken."""

    def __init__(self, status, rule):
        super().__init__(rule)
        self.status = status
        self.rule = rule


class Request:
    def __init__(self, method, target, minor_version, fields):
        self.method = method
        self.target = target
        self.authority = self.path = self.query = b""  # the parts of the target
        self.minor_version = minor_version
        self.fields = fields  # pairs of a name in lower case and a value

    def find_all(self, name):
        return [value for other, value in self.fields if other == name]

    def words(self, name):
        """The words of a field that is a list, in lower case."""
        return [word.strip(b" \t").lower() for value in self.find_all(name)
                for word in value.split(b",")]


class Grammar:
    """Each rule is a method, so that a broken server can have another one in its place."""

    def __init__(self, limit_body):
        self.limit_body = limit_body
        self.method = b""  # of the request that is read or answered: a refusal of HEAD has no content

    def parse_head(self, data):
        """The request that data begins with and the size of its head; None: more is needed."""
        self.method = b""
        start = self.skip_empty_lines(data)
        lines, end = self.split_section(data, start)
        self.check_request_line_begun(lines[0])
        self.check_size(lines[1:])
        if not end:
            return None
        method, target, minor_version = self.parse_request_line(lines[0])
        fields = [self.parse_field_line(line) for line in lines[1:]]
        request = Request(method, target, minor_version, fields)
        self.parse_target(request)
        self.check_host(request)
        return request, end

    def skip_empty_lines(self, data):
        start = 0
        while data.startswith(b"\r\n", start):
            start += 2
        if start > 2 * LIMIT_EMPTY_LINES:
            raise Refused(400, "there are too many empty lines before the request line")
        return start

    def split_section(self, data, start):
        """The lines up to an empty one, and where that ends; 0 where it has not come."""
        end = self.find_section_end(data, start)
        section = bytes(data[start : end or len(data)])
        if not end:
            section = section.removesuffix(b"\r")  # its LF has not come yet
        self.check_line_ends(section)
        lines = section.split(b"\r\n")
        return (lines[:-2] if end else lines), end

    def find_section_end(self, data, start):
        if data.startswith(b"\r\n", start):
            return start + 2
        at = data.find(b"\r\n\r\n", start)
        return 0 if at < 0 else at + 4

    def check_line_ends(self, section):
        pairs = section.count(b"\r\n")
        if section.count(b"\r") != pairs or section.count(b"\n") != pairs:
            raise Refused(400, "a line ends with CR and LF, and neither stands alone")

    def check_request_line_begun(self, line):
        """What can be said of a request line before all of it has come."""
        match = METHOD_BEGUN.fullmatch(line)
        if not match:
            raise Refused(400, "a request begins with a method")
        if len(match[1] or b"") > LIMIT_METHOD:
            raise Refused(501, "no method is that long")
        if len(line) > LIMIT_LINE:
            raise Refused(414, "the request line is too long")

    def check_size(self, field_lines):
        if len([line for line in field_lines if line]) > LIMIT_FIELDS:
            raise Refused(431, "there are too many fields")
        if sum(len(line) + 2 for line in field_lines) > LIMIT_SECTION:
            raise Refused(431, "the fields are too long")

    def parse_request_line(self, line):
        match = REQUEST_LINE.fullmatch(line)
        if not match:
            raise Refused(400, "a request line is a method, a target and a version")
        self.method = match[1]
        if match[3] != b"1":
            raise Refused(505, "this server speaks HTTP/1.1")
        return match[1], match[2], min(int(match[4]), 1)

    def parse_field_line(self, line):
        match = FIELD_LINE.fullmatch(line)
        if not match:
            raise Refused(400, "a field line is a name, a colon directly behind it, and a value")
        return match[1].lower(), match[2].strip(b" \t")

    def parse_target(self, request):
        """Splits the target, and takes the host out of one that is a whole URI."""
        if request.method == b"CONNECT":
            raise Refused(501, "this server is no proxy")
        target = request.target
        absolute = ABSOLUTE.fullmatch(target)
        if absolute:
            request.authority, target = absolute[1], absolute[2]
            self.parse_authority(request.authority)
        elif not target.startswith(b"/") and (request.method, target) != (b"OPTIONS", b"*"):
            raise Refused(400, "a target begins with a slash or with http://")
        path, _, request.query = target.partition(b"?")
        request.path = path or b"/"
        if BAD_PERCENT.search(path):
            raise Refused(400, "a percent sign is followed by two hexadecimal digits")
        if b"\\" in path:
            raise Refused(400, "a path has no backslash")

    def check_host(self, request):
        hosts = request.find_all(b"host")
        if len(hosts) > 1 or not hosts and request.minor_version > 0:
            raise Refused(400, "a request has one Host")
        for host in hosts:
            named = self.parse_authority(host)
            if request.authority and named != self.parse_authority(request.authority):
                raise Refused(400, "Host and the target name the same host")

    def parse_authority(self, text):
        """The host in lower case, and the port, which is 80 if there is none."""
        match = HOST_AND_PORT.fullmatch(text)
        if not match or BAD_PERCENT.search(match[1]) or not self.is_host(match[1]):
            raise Refused(400, "Host is a host, and perhaps a colon and a port")
        return match[1].lower(), int(match[2] or 80)

    def is_host(self, text):
        """Whether what stands in brackets, if anything does, is an address."""
        address = text[1:-1]
        if not text.startswith(b"[") or LATER_ADDRESS_ALONE.fullmatch(address):
            return True
        try:
            return b"%" not in address and bool(ipaddress.IPv6Address(address.decode()))
        except ValueError:
            return False

    def keep_alive(self, request):
        words = request.words(b"connection")
        return b"close" not in words and (request.minor_version > 0 or b"keep-alive" in words)

    def expects_continue(self, request):
        expected = request.words(b"expect") if request.minor_version > 0 else []
        expected = [word for word in expected if word]
        if [word for word in expected if word != b"100-continue"]:
            raise Refused(417, "only 100-continue can be expected")
        return bool(expected)

    def body_framing(self, request):
        """The body's length, or None where it comes in chunks."""
        lengths = request.find_all(b"content-length")
        codings = request.find_all(b"transfer-encoding")
        if len(lengths) + len(codings) > 1:
            raise Refused(400, "a body has one Content-Length, or one Transfer-Encoding")
        if codings:
            return self.check_transfer_encoding(codings[0], request.minor_version)
        return self.parse_content_length(lengths[0]) if lengths else 0

    def check_transfer_encoding(self, value, minor_version):
        codings = [coding.strip(b" \t") for coding in value.lower().split(b",")]
        misplaced = b"chunked" in codings[:-1] or not all(map(TOKEN_ALONE.fullmatch, codings))
        if misplaced or minor_version == 0:
            raise Refused(400, "chunked comes last and once, and not with HTTP/1.0")
        if codings != [b"chunked"]:
            raise Refused(501, "this server knows no coding but chunked")

    def parse_content_length(self, value):
        if not LENGTH.fullmatch(value) or int(value) >= 1 << 64:
            raise Refused(400, "Content-Length is one decimal number")
        return int(value)

    def parse_body(self, data, length):
        """The body that data begins with, and the size of it all; None: more is needed."""
        if length is None:
            return self.parse_chunks(data)
        self.check_body_size(length)
        return (bytes(data[:length]), length) if len(data) >= length else None

    def check_body_size(self, size):
        if 0 < self.limit_body < size:
            raise Refused(413, "the body is too large")

    def parse_chunks(self, data):
        content = bytearray()
        begin = lines = 0
        while chunk := self.parse_chunk_line(data, begin):
            size, end = chunk
            lines += end - begin
            self.check_body_size(len(content) + size)
            if lines > LIMIT_CHUNK_LINES:
                raise Refused(400, "a body is not nearly all chunk extensions")
            if size == 0:
                end = self.parse_trailers(data, end)
                return (bytes(content), end) if end else None
            content += data[end : end + size]
            begin = end + size + 2
            if not b"\r\n".startswith(data[end + size : begin]):
                raise Refused(400, "the data of a chunk is as long as its size says, then CRLF")
        return None

    def parse_chunk_line(self, data, begin):
        """A chunk's size, and the end of its line; None: more is needed."""
        end = data.find(b"\r\n", begin)
        if end < 0 and len(data) - begin <= LIMIT_CHUNK_LINE:
            return None
        match = CHUNK_LINE.fullmatch(data, begin, max(end, begin))
        if not match or end - begin > LIMIT_CHUNK_LINE:
            raise Refused(400, "a chunk begins with its size in hexadecimal digits, and CRLF")
        return self.parse_chunk_size(match[1]), end + 2

    def parse_chunk_size(self, digits):
        return int(digits, 16)

    def parse_trailers(self, data, begin):
        """The end of the fields behind the last chunk; None: more is needed."""
        lines, end = self.split_section(data, begin)
        self.check_size(lines)
        if not end:
            return None
        for line in lines:
            self.parse_field_line(line)
        return end
