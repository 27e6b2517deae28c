#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write a large schema, or the same messages as a .proto file, to standard output.

usage: generator_schema.py yaml|proto MESSAGES WORKERS

Each message has three fields of different kinds and one in four is a request; each worker handles
MESSAGES / WORKERS of them and sends, or asks, those of the next worker. 10,000 messages stay below
the limit of 1 MiB for one file.
"""
import sys

FIELDS = [("id", "u64", "required uint64"), ("sum", "i64", "required sint64"),
          ("name", "string(32)", "required string")]


def is_request(number):
    return number % 4 == 0


def write_yaml(messages, workers, out):
    each = messages // workers
    out.write("sngen: 1\npackage: large\n\nmessages:\n")
    for i in range(messages):
        fields = ", ".join(f"{name}: {kind}" for name, kind, _ in FIELDS)
        reply = ", reply: {total: u64}, errors: [busy]" if is_request(i) else ""
        out.write(f"  m{i}: {{fields: {{{fields}}}{reply}}}\n")
    out.write("\nworkers:\n")
    for w in range(workers):
        mine = range(w * each, (w + 1) * each)
        target = (w + 1) % workers
        theirs = range(target * each, (target + 1) * each)
        out.write(f"  w{w}:\n    state: {{count: u64, last: string(32)}}\n")
        out.write(f"    handles: [{', '.join(f'm{i}' for i in mine)}]\n")
        calls = [f"w{target}.m{i}" for i in theirs if not is_request(i)]
        if calls:
            out.write(f"    calls: [{', '.join(calls)}]\n")
        asks = [f"a{i}: w{target}.m{i}" for i in theirs if is_request(i)]
        if asks:
            out.write(f"    asks: {{{', '.join(asks)}}}\n")
    out.write("\nmain: {calls: [w0]}\n")


def write_proto(messages, workers, out):
    del workers
    out.write('syntax = "proto2";\npackage large;\n')
    for i in range(messages):
        out.write(f"message M{i} {{\n")
        for tag, (name, _, kind) in enumerate(FIELDS, 1):
            out.write(f"  {kind} {name} = {tag};\n")
        out.write("}\n")
        if is_request(i):
            out.write(f"message M{i}Reply {{\n  required uint64 total = 1;\n}}\n")


def main():
    write = {"yaml": write_yaml, "proto": write_proto}[sys.argv[1]]
    write(int(sys.argv[2]), int(sys.argv[3]), sys.stdout)


main()
