"""The exercises of step 05: WebSocket."""

from conversation import Todo
from exercise import break_seen_here, exercise
from http_answer import ask
from websocket_client import Socket


@break_seen_here(
    "5a", "a length that means something else", "append_frame() in websocket/frame.cpp"
)
def echo_of_every_length(server):
    for size in (0, 1, 125, 126, 127, 128, 65535, 65536):
        socket = Socket(server, "/ws/echo")
        socket.send("x" * size)
        rule = (
            f"a text of {size} octets comes back in a frame that says so: to 125 the second octet"
            " is the length; 126 (~) or 127 in it means that two or eight octets follow with it"
        )
        same = socket.receive() == "x" * size and not socket.talk.taken
        length = socket.talk.said[-1][1][1:3]
        socket.talk.require(same, f"the length {size}", rule, length)


@exercise("5b", "a word in private", "hear() in demo/chat.cpp")
def whisper(server):
    ann, bob, cid = everybody = [
        Socket(server, f"/ws/chat?name={name}") for name in ("ann", "bob", "cid")
    ]
    for socket in everybody:
        text = socket.receive_of("who")
        while text and text.count("\t") < 3:
            text = socket.receive_of("who")
        rule = 'the chat tells everybody "who<tab>" and the names, as before'
        socket.talk.require(text, "who, with three names,", rule)
    ann.send("/to bob psst, it's me")
    ann.send("hello all")
    rule = 'after "/to bob TEXT" bob gets "whisper<tab>ann<tab>TEXT", and nobody else does'
    first = bob.receive_of("chat", "whisper")
    if first == "chat\tann\t/to bob psst, it's me":
        raise Todo
    bob.talk.require(first == "whisper\tann\tpsst, it's me", "the whisper", rule, b"psst")
    for socket in everybody:
        rule = "a text that begins otherwise is for all, as before, and a whisper is not"
        said = socket.receive_of("chat", "whisper")
        socket.talk.require(said == "chat\tann\thello all", "only the text for all", rule)
    ann.send("/to dan are you there?")
    rule = 'where nobody has that name, who has said it gets "nobody<tab>NAME"'
    ann.talk.require(ann.receive_of("nobody") == "nobody\tdan", "nobody<tab>dan", rule)


@exercise("5c", "guests from other sites", "request_id() in demo/request_id.cpp")
def same_origin(server):
    here = f"http://127.0.0.1:{server.port}"
    rule = "a WebSocket is denied with 403 if its Origin is not http:// or https:// and then Host"
    for origin in ("http://evil.example", "null", here + ".evil.example", here + "1"):
        socket = Socket(server, "/ws/echo", f"Origin: {origin}\r\n")
        if origin == "http://evil.example" and socket.answer.status == 101:
            raise Todo
        socket.talk.require(socket.answer.status == 403, "403", rule, socket.answer.line[8:12])
    for fields in (f"Origin: {here}\r\n", f"Origin: {here.replace('http', 'https')}\r\n", ""):
        socket = Socket(server, "/ws/echo", fields)
        rule = "the site's own pages get in, and so does who sends no Origin"
        socket.talk.require(socket.answer.status == 101, "101", rule, socket.answer.line[8:12])
    talk, answer = ask(server, "/", fields="Origin: http://evil.example\r\n")
    rule = "requests that are no WebSocket are answered as before"
    talk.require(answer.status == 200, "200", rule, answer.line[8:12])
