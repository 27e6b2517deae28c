#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Large and hostile inputs: every command ends in time, with an exit code of its own, and says why.

usage: hostile.py SNGEN

Each input is checked and formatted, and what is right is generated. A crash, a report of a
sanitizer, a time-out or an exit code that is not documented fails the test. Exits with 1 then.
"""
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

MIB = 1 << 20
SECONDS = 60  # far beyond what any of them takes: a sanitizer on a busy machine
HEAD = "sngen: 1\npackage: p\n"


def up_to(text, size=MIB):
    """Repeat a text to nearly `size` bytes."""
    return (text * (size // len(text) + 1))[:size]


def lines(write, size=MIB, head=HEAD):
    """`head`, then write(0), write(1), ... as long as they fit."""
    out, used, number = [head], len(head), 0
    while True:
        line = write(number)
        if used + len(line) > size - 64:
            return "".join(out)
        out.append(line)
        used += len(line)
        number += 1


def inputs():
    yield "exactly one MiB", (HEAD + "# " + up_to("x", MIB))[:MIB], 0
    yield "one byte more", (HEAD + "# " + up_to("x", MIB))[:MIB] + "\n", 1
    for piece in ["[", "{", "- ", "? ", "[{a: ", '"', "'", "&a ", "*a ", "!t ", "|\n", "%", "\t", "\n",
                  "a: ", "a:\n ", "#", "\0", "\ufeff", "\u2028", "a: [b, c]\n", "- - - - ", "{}\n",
                  "---\n", "...\n", "<<: "]:
        yield f"one MiB of {piece!r}", up_to(piece, MIB // len(piece.encode()) * len(piece)), 1
    yield "invalid UTF-8", b"\xff\xfe" * 1000, 1
    yield "random bytes", random.Random(1).randbytes(MIB), 1
    laughs = "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
    yield "a billion laughs", HEAD + "a0: &a0 lol\n" + laughs, 1
    yield "keys in 32 levels", HEAD + "".join(" " * i + f"k{i}:\n" for i in range(40)), 1
    yield "a text of one MiB", HEAD + 'doc: "' + up_to("x", MIB - 64) + '"\n', 1
    yield "one key, again and again", lines(lambda i: "doc: x\n"), 1
    yield "unknown keys", lines(lambda i: f"mesages{i}: x\n"), 1
    yield "empty messages", lines(
        lambda i: f"  message_number_{i}: {{}}\n", head=HEAD + "messages:\n"), 0
    yield "messages that nobody knows", lines(
        lambda i: f"mesage{i}, ", head=HEAD + "messages: {" + ", ".join(
            f"message{i}: {{}}" for i in range(3000)) + "}\nworkers: {w: {handles: [") + "x]}}\n", 1
    yield "types in types", lines(
        lambda i: f"  t{i}: {{a: t{i + 1}}}\n", head=HEAD + "types:\n"), 1
    yield "aliases of aliases", lines(lambda i: f"  t{i}: t{i + 1}\n", head=HEAD + "types:\n"), 1
    chain = "".join(f"  t{i}: {{a: t{i + 1}, b: t{i + 1}}}\n" for i in range(200))
    yield "a size beyond all bounds", (HEAD + "types:\n" + chain +
                                       "  t200: {a: string(9)}\nmessages: {m: {fields: {a: t0}}}\n"), 1
    yield "lists in lists of structs", (HEAD + "types:\n" + "".join(
        f"  t{i}: {{a: list(9) of t{i + 1}, b: list(9) of t{i + 1}}}\n" for i in range(18)) +
        "  t18: {a: string(9)}\nmessages: {m: {fields: {a: t0}, limit: 1M}}\n"
        "workers: {w: {handles: [m]}}\nmain: {calls: [w]}\n"), None
    yield "a type in parentheses", HEAD + "types: {a: '" + up_to("list(", MIB - 99) + "'}\n", 1
    yield "workers that park in a row", lines(
        lambda i: f"  w{i}: {{handles: [m], calls: [p{i + 1}]}}\n", MIB // 2,
        HEAD + "messages: {m: {}}\nworkers:\n"), 1
    yield "supervisors in a row", lines(
        lambda i: f"  s{i}: {{children: [s{i + 1}]}}\n", head=HEAD + "supervisors:\n"), 1
    yield "asks that wait in a row", lines(
        lambda i: f"  w{i}: {{handles: [m], asks: {{a: {{of: w{i + 1}.m, context: "
                  "{t: reply_to(m)}}}}\n", head=HEAD + "messages: {m: {reply: {}}}\nworkers:\n"), 1
    yield "a budget for 1,024 shards", lines(
        lambda i: f"  w{i}: {{handles: [m]}}\n", MIB // 4,
        HEAD + "memory: {bytes: 4k, shards: 1024}\nmessages: {m: {}}\nworkers:\n"), 1
    for name in ["*/ int x; /*", "a\\\nb", "x;system(0)", "../../etc", "$(id)", "a\"b", "%s%n", "é",
                 "a b", "-o", "a" * 4096, "__attribute__", "x//", "??/"]:
        quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        yield f"a name: {name[:20]!r}", HEAD + f"messages: {{{quoted}: {{}}}}\n", 1
        yield f"a package: {name[:20]!r}", f"sngen: 1\npackage: {quoted}\n", 1
        yield f"a type: {name[:20]!r}", HEAD + f"types: {{t: {{a: {quoted}}}}}\n", 1
        yield f"a C type: {name[:20]!r}", HEAD + (
            f"workers: {{w: {{tick: 1s, state: {{a: c({name}) }}}}}}\n".replace("\n", " ")), None
        yield f"a header: {name[:20]!r}", HEAD + f"workers: {{w: {{tick: 1s, include: {quoted}}}}}\n", 1


def run(sngen, *arguments):
    """The exit code and the end of what was said; a time-out is 124."""
    try:
        done = subprocess.run([sngen, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=SECONDS, check=False)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return 124, b"not ended in time"


def judge(sngen, path, work, expected):
    """What is wrong about the commands on this file."""
    code, said = run(sngen, "check", "--lint", path)
    if code not in (0, 1) or (expected is not None and code != expected):
        yield f"check: exit {code}, {said[-300:]!r}"
    if code == 1 and not said.strip():
        yield "check: no reason was given"
    if len(said) > 8 * MIB:
        yield f"check: {len(said)} bytes of reasons"
    code, said = run(sngen, "fmt", "--check", path)
    if code not in (0, 1):
        yield f"fmt: exit {code}, {said[-300:]!r}"
    code, said = run(sngen, "generate", "-o", work / "out", path)
    if code not in (0, 1):
        yield f"generate: exit {code}, {said[-300:]!r}"


def main():
    sngen = Path(sys.argv[1]).resolve()
    os.environ["ASAN_OPTIONS"] = "exitcode=99"
    os.environ["UBSAN_OPTIONS"] = "halt_on_error=1:exitcode=99"
    bad = count = 0
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        path = work / "hostile.yaml"
        for what, text, expected in inputs():
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            count += 1
            for wrong in judge(sngen, path, work, expected):
                bad += 1
                print(f"{what}: {wrong}")
    print(f"{count} inputs, {bad} with a wrong end")
    return 1 if bad or count < 50 else 0


sys.exit(main())
