#!/usr/bin/env python3
"""Measures each step and each peer that is installed, side by side. See README.md.

usage: bench.py [--quick] [--save] [BUILD]   (the binary directory; default: build/default)

The results are in BUILD/bench: a text, a picture and a JSON file. --quick takes a minute or two,
and its figures are rough. --save puts the results into tests/bench/results, which is kept in git.
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import statistics
import sys
from dataclasses import dataclass

import idle
import instructions
import load
import picture
import report
import servers

KINDS = ("http plain", "http pipelined", "websocket plain", "websocket pipelined")
REFERENCES = {"http": "nginx", "websocket": "uvicorn", "python": "uvicorn"}  # what ratios are taken against
BATCH = 16


@dataclass(frozen=True)
class Plan:
    rounds: int
    seconds: int  # of one run
    idle_connections: int
    busy_while_idle: bool  # whether requests are measured while those are open


THOROUGH = Plan(rounds=5, seconds=1, idle_connections=10_000, busy_while_idle=True)
QUICK = Plan(rounds=1, seconds=1, idle_connections=1_000, busy_while_idle=False)


class Progress:
    """One line that is written over, on a terminal only."""

    def __init__(self):
        self.shown = sys.stderr.isatty()
        self.width = min(100, shutil.get_terminal_size().columns - 1)

    def __call__(self, text=""):
        if self.shown:
            print("\r" + text[: self.width].ljust(self.width), end="" if text else "\r",
                  file=sys.stderr, flush=True)


class Bench:
    def __init__(self, build, plan):
        self.plan = plan
        self.progress = Progress()
        self.websocket_load = build / "tests/bench/websocket_load"
        self.steps = servers.steps(build)
        self.servers = self.steps + servers.peers()
        self.versions = {server.name: server.version for server in self.servers if server.version}
        self.rows = []

    def run(self):
        """Returns the rows of the results."""
        sockets = [server for server in self.servers if server.websocket_path]
        self.measure_load()
        self.measure_python()
        self.measure_workers()
        self.measure_idle("http idle", [s for s in self.servers if s.keeps_alive],
                          lambda server: idle.REQUEST)
        self.measure_idle("websocket idle", sockets,
                          lambda server: idle.HANDSHAKE.format(path=server.websocket_path))
        self.count_instructions()
        self.progress()
        return self.rows

    def measure_load(self):
        self.interleave([(server, kind) for kind in KINDS for server in self.servers
                         if self.has(server, kind)])

    def measure_python(self):
        """Applications in Python: the same file on each server that can run it."""
        for name, hosts in servers.python_hosts(self.steps):
            if len(hosts) > 1:
                self.interleave([(host, f"python {name}") for host in hosts])
                self.versions |= {host.name: host.version for host in hosts if host.version}
                self.versions |= {name: version for version in [servers.version_of(name)] if version}

    def interleave(self, subjects):
        """Each round has one run of each server and kind, so that what the machine does besides
        falls on all alike."""
        samples = {subject: [] for subject in subjects}
        with contextlib.ExitStack() as stack:
            running = {server: stack.enter_context(servers.running(server))
                       for server in {server: kind for server, kind in subjects}}
            for number in range(self.plan.rounds):
                for server, kind in samples:
                    self.progress(f"round {number + 1} of {self.plan.rounds}: {server.name}, "
                                  f"{kind}")
                    samples[server, kind].append(self.sample(server, running[server], kind))
        self.add_load_rows(samples)

    def has(self, server, kind):
        if kind.startswith("websocket"):
            return bool(server.websocket_path)
        return server.keeps_alive or kind == "http plain"

    def sample(self, server, running, kind):
        batch = BATCH if kind.endswith("pipelined") else 1
        if kind.startswith("websocket"):
            return load.messages(self.websocket_load, server, running, batch, self.plan.seconds)
        return load.requests(server, running, batch, self.plan.seconds)

    def add_load_rows(self, samples):
        for (server, kind), runs in samples.items():
            name = REFERENCES[kind.split()[0]]
            reference = next((other for (peer, same), other in samples.items()
                              if same == kind and peer.name == name), None)
            cpu = [run.cpu_us for run in runs]
            row = {
                "server": server.name, "kind": kind,
                "cpu_us": round(statistics.median(cpu), 3),
                "cpu_us_low": round(min(cpu), 3), "cpu_us_high": round(max(cpu), 3),
                "per_second": round(statistics.median(run.per_second for run in runs)),
                "generator_cores": round(statistics.median(run.generator for run in runs), 2),
            }
            if reference:
                ratios = [run.cpu_us / other.cpu_us for run, other in zip(runs, reference)]
                row["ratio_to"] = name
                row["ratio"] = round(statistics.median(ratios), 3)
                row["ratio_low"] = round(min(ratios), 3)
                row["ratio_high"] = round(max(ratios), 3)
                row["per_second_ratio"] = round(statistics.median(
                    run.per_second / other.per_second for run, other in zip(runs, reference)), 3)
            self.rows.append(row)

    def measure_workers(self):
        """The last step with 1, 2, 4 ... processes, as far as there are cores for them."""
        last = self.steps[-1]
        counts = [number for number in (1, 2, 4, 8, 16) if number <= (os.cpu_count() or 1)]
        if "--workers" not in servers.output_of(last.command[0], "--help"):
            return
        samples = {count: [] for count in counts}
        for number in range(self.plan.rounds):
            for count, runs in samples.items():
                self.progress(f"round {number + 1} of {self.plan.rounds}: {count} workers")
                with servers.running(last, "--workers", str(count)) as running:
                    runs.append(load.requests(last, running, 1, self.plan.seconds))
        for count, runs in samples.items():
            self.rows.append({
                "server": last.name, "kind": "workers", "workers": count,
                "cpu_us": round(statistics.median(run.cpu_us for run in runs), 3),
                "per_second": round(statistics.median(run.per_second for run in runs)),
                "generator_cores": round(statistics.median(run.generator for run in runs), 2),
            })

    def measure_idle(self, kind, subjects, request_of):
        """Memory, and for HTTP what a request costs while nothing is done for all the others."""
        number = idle.raise_limit(self.plan.idle_connections)
        for server in subjects:
            self.progress(f"{kind}: {number} connections, {server.name}")
            with servers.running(server) as running:
                def busy():
                    return load.requests(server, running, 1, self.plan.seconds)

                wanted = busy if self.plan.busy_while_idle and kind == "http idle" else None
                octets, sample = idle.memory(running, number, request_of(server), wanted)
            row = {"server": server.name, "kind": kind, "connections": number,
                   "octets": round(octets)}
            if sample:
                row |= {"cpu_us": round(sample.cpu_us, 3), "per_second": round(sample.per_second)}
            self.rows.append(row)

    def count_instructions(self):
        if not shutil.which("valgrind"):
            return
        for step in self.steps:
            if not step.keeps_alive or step.echo:
                continue
            for kind, batch in (("instructions plain", 1), ("instructions pipelined", BATCH)):
                self.progress(f"{kind}: {step.name}")
                cost = instructions.measure(step.on_port(0), instructions.HELLO, batch)
                self.rows.append({"server": step.name, "kind": kind,
                                  "instructions": round(cost.instructions),
                                  "allocations": round(cost.allocations, 2)})


def main():
    parser = argparse.ArgumentParser(prog="./workshop bench", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="rough figures in a minute or two")
    parser.add_argument("--save", action="store_true", help="keep them in tests/bench/results")
    parser.add_argument("build", nargs="?", type=pathlib.Path,
                        default=servers.ROOT / "build/default", help="the binary directory")
    options = parser.parse_args()
    build = options.build.resolve()
    if not shutil.which("wrk"):
        raise SystemExit("bench: wrk makes the load; install it (Debian: wrk)")
    bench = Bench(build, QUICK if options.quick else THOROUGH)
    idle.raise_limit(0)
    rows = bench.run()
    results = report.results(rows, bench.versions, build)
    folder = servers.HERE / "results" if options.save else build / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    text = report.text(results)
    (folder / "results.json").write_text(report.to_json(results))
    (folder / "results.txt").write_text(text)
    (folder / "results.svg").write_text(picture.draw(results))
    print(text)
    print(f"{os.path.relpath(folder)}: results.txt, results.svg, results.json")


if __name__ == "__main__":
    main()
