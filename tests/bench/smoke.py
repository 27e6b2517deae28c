#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check that sn-bench lists its rows and that each runs, in a tiny run, and prints proper JSON.

usage: smoke.py SN_BENCH
"""
import json
import os
import subprocess
import sys

REQUIRED = [f"limit/{row}" for row in (
    "ring-same-thread spsc64-single spsc64-batch32 cacheline-rtt cacheline-rtt-two-lines "
    "indirect-call atomic-add futex-rtt eventfd-rtt malloc-free").split()] + (
    "pingpong/same-shard pingpong/cross-shard-spinning pingpong/cross-shard-parked "
    "ask/same-shard ask/cross-shard ask/foreign-parked "
    "one-to-one/same-shard/64B one-to-one/cross-shard/64B "
    "many-to-one/same-shard many-to-one/cross-shard ring/503 memory/idle-actor "
    "timer/arm-cancel timer/fire route/hash route/consistent-hash "
    "foreign/one-producer/64B foreign/two-producers foreign/eight-producers "
    "latency/half-load").split()
KEYS = ["name", "unit", "min", "median", "p95", "max", "runs", "parameters"]


def run(*arguments, expect=0, cwd=None):
    done = subprocess.run([sys.argv[1], *arguments], capture_output=True, text=True, cwd=cwd)
    assert done.returncode == expect, (arguments, done.returncode, done.stdout, done.stderr)
    return done


def check_row(line, runs):
    row = json.loads(line)
    assert list(row) == KEYS, row
    assert row["runs"] == runs, row
    least = -1 if row["unit"] == "wake-ups/s" else 0    # none at all is what we want there
    assert least < row["min"] <= row["median"] <= row["p95"] <= row["max"], row
    return row["name"]


def main():
    listed = run("--list").stdout.split("\n")[:-1]
    assert len(set(listed)) == len(listed), "two rows of one name"
    missing = set(REQUIRED) - set(listed)
    assert not missing, f"not listed: {missing}"

    # From "/", which is no git repository: the header must not depend on where we are.
    header = json.loads(run("--header", "--json", cwd="/").stdout)
    assert {"machine", "kernel", "compiler", "commit", "governor"} <= set(header), header
    done = run("--quick", "--runs", "1", "--json", cwd="/")
    ran = [check_row(line, 1) for line in done.stdout.splitlines()]
    skipped = [line.split(": ")[1] for line in done.stderr.splitlines() if "left out" in line]
    assert sorted(ran + skipped) == sorted(listed), set(listed) - set(ran + skipped)
    assert not skipped or len(os.sched_getaffinity(0)) == 1, skipped

    done = run("--quick", "--runs", "3", "--json", "--filter", "limit/*-call")
    assert [check_row(line, 3) for line in done.stdout.splitlines()] == ["limit/indirect-call"]
    run("--quick", "--runs", "1", "--cpus", "0", "--filter", "limit/cacheline-rtt")
    for bad in (["--runs", "0"], ["--runs", "x"], ["--cpus", "1;2"], ["--filter", "none/*"],
                ["--nonsense"], ["row"]):
        assert run(*bad, expect=2).stderr != "", bad
    print(f"{len(ran)} rows ran, {len(skipped)} left out")


main()
