#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run sn-bench and the peers in turns, row by row, on the same CPUs; write JSON for render.py.

In each round every program runs each of its rows once, in a process of its own, and the programs
take turns within a row, another one first in each round: what disturbs the machine for a second
disturbs all of them. A row's value is the spread over the rounds of each process's median.

A row whose name says same-shard, or says nothing, gets one CPU; a cross-shard row gets two.
"""
import argparse
import fnmatch
import json
import os
import subprocess
import sys
from statistics import median

ROW_SECONDS_MAX = 180
PACKAGES = {"caf": "libcaf-dev", "erlang": "erlang-base", "go": "golang-go", "rust": "rustc",
            "tokio": "librust-tokio-dev", "crossbeam": "librust-crossbeam-channel-dev",
            "flume": "librust-flume-dev", "rayon": "librust-rayon-dev"}
RUST_LIBRARIES = ["tokio", "crossbeam", "flume", "rayon"]


class Program:
    """A program that measures rows: its name, its command, and the rows that it has."""

    def __init__(self, name, command):
        self.name = name
        self.command = command
        self.rows = output([*command, "--list"]).split()

    def measure(self, row, cpus, quick):
        pinned = ["taskset", "-c", ",".join(map(str, cpus))]
        if self.name == "sn":
            choice = ["--json", "--filter", row, "--runs", "3"]
        else:
            choice = ["--row", row, "--runs", "1"]
        lines = output([*pinned, *self.command, *choice, *(["--quick"] if quick else [])])
        return json.loads(lines.splitlines()[-1])


def output(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=ROW_SECONDS_MAX)
    if done.returncode != 0 or not done.stdout.strip():
        raise RuntimeError(f"{command[0]} exited with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def programs(options):
    found = [Program("sn", [options.sn])]
    for peer in options.peers.split():
        path = os.path.join(options.peers_dir, peer, f"{peer}-peer")
        if peer == "rust":
            found += [Program(library, [path, library]) for library in RUST_LIBRARIES]
        else:
            found.append(Program(peer, [path]))
    return found


def two_sided(row):
    return not ("same-shard" in row or row in ("ring/503", "memory/idle-actor") or
                row.startswith(("lifecycle/", "timer/", "route/")) or
                row in ("limit/ring-same-thread", "limit/indirect-call", "limit/atomic-add",
                        "limit/malloc-free"))


def package_version(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True,
                          text=True)
    return done.stdout if done.returncode == 0 else "unknown"


def versions(names):
    return {name: package_version(PACKAGES[name]) for name in names if name in PACKAGES}


def collect(all_programs, rows, cpus, options):
    samples, details, broken = {}, {}, {}
    for turn in range(options.rounds):
        for row in rows:
            order = [p for p in all_programs if row in p.rows and (p.name, row) not in broken]
            shift = turn % max(1, len(order))
            for program in order[shift:] + order[:shift]:
                try:
                    result = program.measure(row, cpus[:2] if two_sided(row) else cpus[:1],
                                             options.quick)
                except (RuntimeError, subprocess.TimeoutExpired, ValueError, IndexError) as error:
                    broken[(program.name, row)] = str(error)
                    print(f"compare.py: {program.name} {row}: {error}", file=sys.stderr)
                    continue
                samples.setdefault((program.name, row), []).append(result["median"])
                details[(program.name, row)] = result
            print(f"compare.py: round {turn + 1} of {options.rounds}: {row}", file=sys.stderr)
    return samples, details, broken


def summary(program, row, values, detail):
    values = sorted(values)
    rank = max(1, -(-len(values) * 95 // 100))
    return {"program": program, "name": row, "unit": detail["unit"], "min": values[0],
            "median": median(values), "p95": values[rank - 1], "max": values[-1],
            "runs": len(values), "parameters": detail["parameters"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sn", required=True)
    parser.add_argument("--peers-dir", required=True)
    parser.add_argument("--peers", default="")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--filter", default="*")
    parser.add_argument("--out", required=True)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")

    header = json.loads(output([options.sn, "--header", "--json"]))
    all_programs = programs(options)
    rows = []
    for program in all_programs:
        rows += [row for row in program.rows
                 if row not in rows and fnmatch.fnmatchcase(row, options.filter)]
    if not rows:
        sys.exit(f"compare.py: no row matches '{options.filter}'")
    samples, details, broken = collect(all_programs, rows, header["pinned"], options)
    header["versions"] = versions([program.name for program in all_programs])
    header["rounds"] = options.rounds
    header["quick"] = options.quick
    results = [summary(program, row, values, details[(program, row)])
               for (program, row), values in samples.items()]
    failures = [{"program": program, "name": row, "error": error}
                for (program, row), error in broken.items()]
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump({"header": header, "programs": [p.name for p in all_programs], "rows": rows,
                   "results": results, "failures": failures}, file, indent=1)
        file.write("\n")


main()
