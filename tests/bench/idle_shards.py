#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Show that cost does not grow with what is idle: the same two actors, which play ping-pong across
two shards, in a system of 2 shards and in one of 64.

usage: idle_shards.py SN_BENCH

Callgrind counts the instructions of all passes, in a long run and in a short one, so that the
difference is what round trips cost and not what a start does. Each is done on its own, as a shard
parks as soon as it has nothing to do. Fails if a round trip costs over 5 % more among 64 shards.
"""
import os
import re
import subprocess
import sys
import tempfile

ROW = "pingpong/cross-shard-parked"
SHARDS = (2, 64)
MORE_AT_MOST = 1.05


def instructions(shards, quick, folder):
    out = os.path.join(folder, f"{shards}-{quick}")
    done = subprocess.run(["valgrind", "--tool=callgrind", "--toggle-collect=sn_shard_pass",
                           f"--callgrind-out-file={out}", sys.argv[1], "--in-process",
                           "--runs", "1", "--filter", ROW] + ["--quick"] * quick,
                          env=dict(os.environ, SN_BENCH_IO="epoll", SN_BENCH_SHARDS=str(shards)),
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with open(out, encoding="ascii", errors="replace") as lines:
        return int(re.search(r"^summary: (\d+)", lines.read(), re.MULTILINE).group(1))


def operations(quick):
    """Of both runs of a row, the one that warms up and the one that counts (load_rows.c)."""
    count = 64 if quick else 4000
    return 2 * (count + count // 10 + 64)


def main():
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        for shards in SHARDS:
            more = instructions(shards, False, folder) - instructions(shards, True, folder)
            costs.append(more / (operations(False) - operations(True)))
            print(f"{shards:3} shards: {costs[-1]:.0f} instructions a round trip", flush=True)
    print(f"{costs[1] / costs[0]:.3f} times")
    return 0 if costs[1] <= MORE_AT_MOST * costs[0] else 1


if __name__ == "__main__":
    sys.exit(main())
