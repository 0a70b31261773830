#!/usr/bin/env python3
"""Uploads over the server's limit, through a reverse proxy: each is answered 413, by the server.

usage: proxies_test.py PROXY PROGRAM [UPLOADS]   PROXY: nginx, haproxy, apache2 or varnishd

A proxy goes on sending the body while the answer is on its way. Where that is met with a reset, its
client gets a 502 or 503. The exit status is 77 where the proxy is not installed.
"""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import guarded  # noqa: E402

PATIENCE = 20  # seconds for what must happen
SIZE = 20_000_000  # octets; 16 MiB are allowed
SKIPPED = 77
PATH = os.environ["PATH"] + ":/usr/local/sbin:/usr/sbin:/sbin"

NGINX = """
daemon off;
master_process off;
pid {directory}/pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_max_body_size 0;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{server};
    }}
  }}
}}
"""

HAPROXY = """
defaults
  mode http
  timeout connect 20s
  timeout client 20s
  timeout server 20s
listen proxy
  bind 127.0.0.1:{port}
  server server 127.0.0.1:{server}
"""

APACHE = """
ServerRoot {directory}
ServerName localhost
PidFile {directory}/pid
ErrorLog {directory}/log
Listen 127.0.0.1:{port}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
ProxyPass / http://127.0.0.1:{server}/
"""

# How each is started, in the foreground, and what it is told in a file.
PROXIES = {
    "nginx": (["-p", "{directory}", "-c", "{file}"], NGINX),
    "haproxy": (["-db", "-f", "{file}"], HAPROXY),
    "apache2": (["-DFOREGROUND", "-f", "{file}"], APACHE),
    "varnishd": (["-F", "-j", "none", "-n", "{directory}/varnish", "-s", "malloc,20m",
                  "-a", "127.0.0.1:{port}", "-b", "127.0.0.1:{server}"], ""),
}
PROXY_USER = "User {user}\nGroup {user}\n"  # Apache does not serve as root


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def running(command, **streams):
    """The process, which is ended at the end. It is given time: it may have processes of its own."""
    process = guarded.Popen(command, text=True, **streams)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def configure(name, directory, server):
    """Writes the proxy's file. Returns the words after its name, and its port."""
    words, text = PROXIES[name]
    if name == "apache2" and os.geteuid() == 0:
        text += PROXY_USER
    values = {"directory": directory, "file": f"{directory}/configuration", "port": free_port(),
              "server": server, "modules": "/usr/lib/apache2/modules", "user": "www-data"}
    pathlib.Path(values["file"]).write_text(text.format(**values))
    return [word.format(**values) for word in words], values["port"]


def wait_until_ready(process, port):
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), PATIENCE).close()
        except ConnectionRefusedError:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.02)


def upload(port):
    """Returns the status that a client gets which sends all of the body before it looks."""
    head = f"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: {SIZE}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        with contextlib.suppress(ConnectionError):  # it may still have been answered
            client.sendall(head.encode() + bytes(SIZE))
        with client.makefile("rb") as file:
            return file.readline().decode().partition(" ")[2].strip()


def main():
    name, program = sys.argv[1:3]
    uploads = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    path = shutil.which(name, path=PATH)
    if path is None:
        print(f"{name} is not installed")
        return SKIPPED
    with tempfile.TemporaryDirectory() as directory, \
         running([program, "--port", "0", "--no-access-log"], stdout=subprocess.PIPE) as server:
        server_port = int(server.stdout.readline().rsplit(":", 1)[1])
        words, port = configure(name, directory, server_port)
        with running([path, *words]) as proxy:
            wait_until_ready(proxy, port)
            answers = [upload(port) for _ in range(uploads)]
    print(*answers, sep="\n")
    return 0 if all(answer.startswith("413 ") for answer in answers) else 1


if __name__ == "__main__":
    sys.exit(main())
