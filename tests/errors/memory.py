#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every allocation of the program fails in turn: ours, libyaml's and the C library's.

usage: memory.py SNGEN LIBRARY SCHEMA

`sngen check` and `sngen generate` must each time either say that memory is short and exit with 3,
or succeed all the same, with the whole output; never crash, hang, or leave a file that is cut.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MOST = 100000


def run(number, work, library, command):
    """Exit code, what was said, and whether the allocation was asked for at all."""
    unused = work / "unused"
    unused.unlink(missing_ok=True)
    environment = dict(os.environ, LD_PRELOAD=library, SN_FAIL_ALLOCATION=str(number),
                       SN_FAIL_UNUSED=str(unused))
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False,
                          stderr=subprocess.STDOUT, timeout=60)
    return done.returncode, done.stdout, not unused.exists()


def texts(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


def judge(code, said, files, whole, command):
    if code == 0:
        return None if files == whole else "it says 0, and files are missing or different"
    if code != 3 or b"out of memory" not in said and b"Cannot allocate memory" not in said:
        return f"exit {code}: {said[-200:]!r}"
    for name, text in files.items():
        if text != whole.get(name):
            return f"{name} was left half written"
    return None


def in_turn(work, library, command, out):
    number = 1
    bad = 0
    subprocess.run(command, check=True)
    whole = texts(out)
    while number < MOST:
        shutil.rmtree(out, ignore_errors=True)
        code, said, reached = run(number, work, library, command)
        wrong = judge(code, said, texts(out), whole, command)
        if wrong is not None:
            bad += 1
            print(f"{command[1]}, allocation {number}: {wrong}")
        if not reached:
            break
        number += 1
    print(f"{command[1]}: {number - 1} allocations, {bad} with a wrong end")
    return bad == 0 and 20 < number < MOST


def main():
    sngen, library, schema = (str(Path(name).resolve()) for name in sys.argv[1:4])
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        out = work / "out"
        right = in_turn(work, library, [sngen, "check", schema], out)
        right &= in_turn(work, library, [sngen, "generate", "-o", str(out), schema], out)
    return 0 if right else 1


sys.exit(main())
