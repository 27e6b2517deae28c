#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long sngen takes, beside protoc-c on the same messages.

usage: generator.py SNGEN [--runs N] [--messages N,N,...] [--compile N] [--include DIR] [--cc CC]

For each number of messages (a fifth as many workers) it prints medians in milliseconds over the
runs, which take turns: `sngen check`, `sngen generate` into an empty folder (which checks, too)
and protoc-c into an empty folder. The first three are processor time, which neighbours on the
machine hardly change; `real` is the time on the clock of check and generate together. --compile N then compiles the C of N messages at -O2. Exits
with 1 when a command fails.
"""
import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCHEMA = Path(__file__).with_name("generator_schema.py")


def write_input(kind, messages, path):
    with path.open("w") as out:
        subprocess.run([sys.executable, SCHEMA, kind, str(messages), str(messages // 5)],
                       stdout=out, check=True)
    return path


def timed(command, folder=None):
    """Milliseconds of one run, of the processor and on the clock; `folder` is emptied before."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    real = time.monotonic() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return used * 1e3, real * 1e3


def measure(options, work, messages):
    schema = write_input("yaml", messages, work / "large.yaml")
    proto = write_input("proto", messages, work / "large.proto")
    ours, theirs = work / "ours", work / "theirs"
    times = {"check": [], "generate": [], "protoc-c": [], "real": []}
    peer = shutil.which("protoc-c")
    for _ in range(options.runs):
        check, real_check = timed([options.sngen, "check", schema])
        generate, real_generate = timed([options.sngen, "generate", "-o", ours, schema], ours)
        times["check"].append(check)
        times["generate"].append(generate)
        times["real"].append(real_check + real_generate)
        if peer:
            times["protoc-c"].append(timed(
                [peer, f"--proto_path={work}", f"--c_out={theirs}", proto], theirs)[0])
    return {name: statistics.median(values) if values else None for name, values in times.items()}


def show(messages, row):
    cells = [f"{value:10.1f}" if value is not None else f"{'-':>10}" for value in row.values()]
    a_message = (row["check"] + row["generate"]) * 1e3 / messages
    print(f"{messages:>9} {messages // 5:>8}{''.join(cells)} {a_message:>17.1f}")


def compile_time(options, work):
    """Seconds of the processor for the unit at -O2."""
    schema = write_input("yaml", options.compile, work / "large.yaml")
    timed([options.sngen, "generate", "-o", work / "ours", schema], work / "ours")
    return timed([options.cc, "-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Wpedantic",
                  "-Werror", "-I", options.include, "-I", work / "ours", "-c",
                  work / "ours" / "large.sn.c", "-o", work / "large.o"])[0] / 1e3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sngen")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--messages", default="1000,2000,5000,10000")
    parser.add_argument("--compile", type=int)
    parser.add_argument("--include", default=SCHEMA.parents[2] / "runtime" / "include")
    parser.add_argument("--cc", default="cc")
    options = parser.parse_args()
    options.sngen = Path(options.sngen).resolve()
    print(f"{'messages':>9} {'workers':>8}{'check':>10}{'generate':>10}{'protoc-c':>10}"
          f"{'real':>10} {'ours us/message':>17}   (ms, medians of {options.runs})")
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for messages in map(int, options.messages.split(",")):
            show(messages, measure(options, work, messages))
        if options.compile:
            print(f"compiling {options.compile} messages at -O2: "
                  f"{compile_time(options, work):.1f} s")
    return 0


try:
    sys.exit(main())
except subprocess.CalledProcessError as failure:
    sys.exit(f"failed: {failure}")
