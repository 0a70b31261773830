"""The results as a text and as JSON."""

import datetime
import json
import os
import pathlib
import platform
import re

import servers

COLUMNS = "  {:<18}{:>10}{:>18}{:>11}{:>14}{:>13}\n"


def results(rows, versions, build):
    """All that is kept of a run. README.md says what each key means."""
    versions = dict(versions)
    toolchain = build / "tests/bench/toolchain.txt"
    if toolchain.exists():
        versions["steps"] = toolchain.read_text().strip()
    versions["wrk"] = servers.wrk_version()
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "machine": machine(),
        "versions": versions,
        "rows": rows,
    }


def machine():
    """The processor and the system, without the name of the host."""
    cpu = platform.machine()
    info = pathlib.Path("/proc/cpuinfo")
    if info.exists() and (found := re.search(r"model name\s*: (.*)", info.read_text())):
        cpu = found[1]
    release = platform.release().split("-")[0]
    return f"{os.cpu_count()} cores of {cpu}, {platform.system()} {release}"


def to_json(found):
    """One row a line, so that a diff of two results can be read."""
    head = {key: value for key, value in found.items() if key != "rows"}
    rows = ",\n    ".join(json.dumps(row) for row in found["rows"])
    return json.dumps(head, indent=2)[:-2] + f',\n  "rows": [\n    {rows}\n  ]\n}}\n'


def text(found):
    """Tables to read on a terminal."""
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    parts = [f"{found['date']}, {found['machine']}\n{versions}\n"]
    for kind, title in (
        ("http plain", "GET /, 64 connections: CPU time of the server for a request"),
        ("http pipelined", "GET /, 64 connections, 16 requests at once on each"),
        ("websocket plain", "WebSocket echo, 64 octets, 64 connections: CPU time for a message"),
        ("websocket pipelined", "WebSocket echo, 16 messages at once on each connection"),
    ):
        parts.append(load_table(title, of_kind(found, kind)))
    parts += python_tables(found)
    parts += [workers_table(of_kind(found, "workers")), idle_table(found), counted_table(found)]
    return "\n".join(part for part in parts if part)


def of_kind(found, kind):
    return [row for row in found["rows"] if row["kind"] == kind]


def load_table(title, rows):
    """Medians; the least and the greatest value behind them."""
    if not rows:
        return ""
    reference = rows[0].get("ratio_to", "ratio")
    lines = COLUMNS.format("", "us", "least - most", f"/ {reference}", "least - most", "per second")
    for row in rows:
        ratio = f"{row['ratio']:.2f}" if "ratio" in row else "-"
        spread = f"{row['ratio_low']:.2f} - {row['ratio_high']:.2f}" if "ratio" in row else "-"
        low, high = row["cpu_us_low"], row["cpu_us_high"]
        lines += COLUMNS.format(row["server"], f"{row['cpu_us']:.2f}", f"{low:.2f} - {high:.2f}",
                                ratio, spread, f"{row['per_second']:,}")
    return f"{title}\n{lines}"


def python_tables(found):
    """A table for each application in Python."""
    kinds = dict.fromkeys(row["kind"] for row in found["rows"] if row["kind"].startswith("python "))
    for kind in kinds:
        rows = of_kind(found, kind)
        yield load_table(f"An application in Python, {kind.partition(' ')[2]}: GET /, "
                         "64 connections", rows) + gains(rows)


def gains(rows):
    """How many requests a second, beside those of the reference."""
    shown = [f"{row['server']} {row['per_second_ratio']:.2f}" for row in rows
             if row.get("ratio_to", row["server"]) != row["server"]]
    return f"  requests a second / {rows[0]['ratio_to']}: {', '.join(shown)}\n" if shown else ""


def workers_table(rows):
    if not rows:
        return ""
    lines = ""
    for row in rows:
        lines += (f"  {row['workers']:>2} {row['per_second']:>12,} a second, "
                  f"{row['cpu_us']:.2f} us each; the load generator used "
                  f"{row['generator_cores']:.2f} of the cores\n")
    return f"Workers: GET /, 64 connections\n{lines}"


def idle_table(found):
    rows = of_kind(found, "http idle") + of_kind(found, "websocket idle")
    if not rows:
        return ""
    plain = {row["server"]: row["cpu_us"] for row in of_kind(found, "http plain")}
    lines = ""
    for row in rows:
        lines += f"  {row['server']:<18}{row['kind'].split()[0]:<11}{row['octets']:>7,}"
        if "cpu_us" in row:
            lines += (f"    a request meanwhile: {row['cpu_us']:.2f} us, "
                      f"without them {plain[row['server']]:.2f}")
        lines += "\n"
    return f"Octets of memory for each of {rows[0]['connections']:,} idle connections\n{lines}"


def counted_table(found):
    alone = of_kind(found, "instructions plain")
    many = {row["server"]: row for row in of_kind(found, "instructions pipelined")}
    if not alone:
        return ""
    lines = "  {:<18}{:>22}{:>16}\n".format("", "instructions", "allocations")
    for row in alone:
        both = [row, many[row["server"]]]
        lines += (f"  {row['server']:<18}"
                  + "".join(f"{cost['instructions']:>11,}" for cost in both)
                  + "".join(f"{cost['allocations']:>8.1f}" for cost in both) + "\n")
    return f"A request for / alone, and one of 16 pipelined, counted by callgrind\n{lines}"

