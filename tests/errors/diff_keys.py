#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each key of the language either makes a difference to `sngen diff`, or is listed with a reason.

The keys come from the JSON Schema, which is made from the table of the language: a new key fails
here until somebody has decided what a change of it breaks.

usage: diff_keys.py SNGEN SCHEMA
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

BASE = """\
sngen: 1
package: bank
import: {c: common.yaml}
constants: {most: 32}
types:
  size: {width: u32, height: u32}
  color: [red, green]
  label: string(16)
messages:
  put: {fields: {to: u64, amount: u64}, reply: {left: u64}, errors: [busy, late]}
  note: {fields: {to: u64, text: string(8)}}
  keep: {fields: {to: u64, level: c.level, rest: {type: bytes(64)}}, wire: true}
  flush: {reply: {}}
  twice: {fields: {to: u64}, reply: {}, idempotent: true}
protocols: {story: [note, keep]}
workers:
  account:
    include: my.h
    state: {hits: u64}
    retain: {balance: i64}
    hooks: [init, shutdown]
    handles: [put, note, keep, flush, twice]
    timers: {beat: {every: 1s}, idle: {after: 10s}}
    tick: 1s
    invariant: balance >= 0
  teller:
    args: {path: string(64)}
    handles: [flush]
    calls: {accounts.note: {retry: 2, breaker: {failures: 5, open: 5s}}}
    asks: {ask: {of: accounts.twice, deadline: 1s, retry: 1, context: {n: u32}}}
    watches: [accounts]
    links: [accounts]
    dead_letters: [note]
    spawns: [guests]
  clerk: {handles: [flush]}
pools:
  accounts:
    worker: account
    size: 4
    route: {by: consistent_hash, key: to, virtual_nodes: 16}
    mailbox: {capacity: 1k, bytes: 4M, full: reject}
  tellers: {worker: teller, restart: transient, mailbox: {full: reject}}
  clerks: {worker: clerk, restart: transient}
  guests: {worker: clerk, size: 0..8, restart: temporary}
supervisors:
  root: {children: [accounts, front, guests]}
  front: {children: [tellers, clerks], restart: transient, significant: [tellers], auto_shutdown: all}
shutdown:
  quiet: {ask: [tellers.flush]}
  flush: {after: [quiet], ask: [accounts.flush], deadline: 2s}
main:
  calls: {accounts.put: {deadline: 2s}, accounts.note: , tellers: }
  spawns: [guests]
memory: {bytes: 1G, shards: 2}
"""
COMMON = "sngen: 1\npackage: common\ntypes: {level: [low, high]}\n"

# KEY: (what stands in BASE, what it becomes, kinds of the change, kinds of the way back); several
# replacements stand as a list. "" is a change that is told as compatible. The way back of a `was:`
# is a removal, and left out.
CHANGES = {
    "package.package": (("package: bank", "package: vault"), "wire,api", "wire,api"),
    "package.was": (("package: bank", "package: vault\nwas: bank"), "wire,api", "wire,api"),
    "package.import": (
        ("import: {c: common.yaml}",
         "import: {c: other.yaml}"), "wire,api", "wire,api"),
    "package.constants": (("most: 32", "many: 32"), "api", "api"),
    "package.errors_from": (("package: bank", "package: bank\nerrors_from: 2000"), "wire", "wire"),
    "package.memory": (("memory: {bytes: 1G, shards: 2}\n", ""), "", ""),
    "package.types": (("  label: string(16)\n", ""), "api", ""),
    "package.messages": (
        [("  twice: {", "  more: {fields: {to: u64}}\n  twice: {")], "wire", "wire,api"),
    "package.protocols": (("[note, keep]}", "[note]}"), "api", "api"),
    "package.workers": (
        [("  clerk: {handles", "  spare: {handles: [flush]}\n  clerk: {handles"),
         ("  clerks:", "  spares: {worker: spare}\n  clerks:"),
         ("[accounts, front,", "[accounts, front, spares,")], "", "api,edge"),
    "package.pools": (
        [("  clerks: {", "  spare: {worker: teller}\n  clerks: {"),
         ("[accounts, front,", "[accounts, front, spare,")], "", "api,edge"),
    "package.supervisors": (("[accounts, front,", "[front, accounts,"), "", ""),
    "package.shutdown": (
        ("after: [quiet], ask: [accounts.flush]",
         "ask: [accounts.flush]"), "policy", ""),
    "package.main": ((", accounts.note: ", ""), "edge,api", ""),
    "message.fields": (("text: string(8)", "text: string(8), more: u8"), "", "wire,api"),
    "message.reply": (
        [("reply: {left: u64}, errors: [busy, late]", "lane: request"),
         ("put: {deadline: 2s}, acc", "put: , acc")], "wire,api", "wire,api"),
    "message.errors": (("[busy, late]", "[busy]"), "api", ""),
    "message.lane": (("text: string(8)}", "text: string(8)}, lane: telemetry"), "policy", "policy"),
    "message.limit": (("text: string(8)}", "text: string(8)}, limit: 30"), "wire", ""),
    "message.idempotent": (("left: u64}, ", "left: u64}, idempotent: true, "), "", "policy"),
    "message.wire": ((", wire: true", ""), "wire,api", ""),
    "message.was": ([("note", "line"), ("  line: {fields", "  line: {was: note, fields")], "api"),
    "field.type": (("text: string(8)", "text: string(4)"), "wire,api", ""),
    "field.unknown": (("{type: bytes(64)}", "{type: bytes(64), unknown: keep}"), "wire", "wire"),
    "field.was": (("amount: u64", "sum: {type: u64, was: amount}"), "api"),
    "structure.was": (("  size: {", "  extent: {was: size, "), "api"),
    "enum.enum": (("[red, green]", "{enum: [green, red]}"), "wire", "wire"),
    "enum.was": (("color: [red, green]", "hue: {enum: [red, green], was: color}"), "api"),
    "value.was": (("[red, green]", "[red, lime: {was: green}]"), "api"),
    "alias.typedef": (("label: string(16)", "label: {typedef: string(8)}"), "wire,api", ""),
    "alias.was": (("label: string(16)", "name: {typedef: string(16), was: label}"), "api"),
    "error.was": (("busy, late]", "busy, slow: {was: late}]"), "api"),
    "worker.was": ([("teller,", "clark,"), ("  teller:\n", "  clark:\n    was: teller\n")], "api"),
    "worker.include": (("my.h", "your.h"), "api", "api"),
    "worker.args": (("path: string(64)", "path: string(32)"), "api", ""),
    "worker.state": (("state: {hits: u64}", "state: {hits: u32}"), "api", "api"),
    "worker.retain": (
        ("retain: {balance: i64}",
         "retain: {balance: i64, seen: u8}"), "snapshot", "snapshot,api"),
    "worker.hooks": (("[init, shutdown]", "[init]"), "api", ""),
    "worker.handles": (("[put, note, keep, flush, twice]", "[put, note, flush, twice]"), "api", ""),
    "worker.calls": (
        ("calls: {accounts.note: {retry: 2, breaker: {failures: 5, open: 5s}}}",
         "calls: {accounts.keep: }"), "edge,api", "edge,api"),
    "worker.asks": (("asks: {ask:", "asks: {credit:"), "edge,api", "edge,api"),
    "worker.watches": (("    watches: [accounts]\n", ""), "edge,api", ""),
    "worker.links": (("    links: [accounts]\n", ""), "edge,api", ""),
    "worker.dead_letters": (("dead_letters: [note]", "dead_letters: []"), "api", ""),
    "worker.spawns": (("    spawns: [guests]\n", ""), "edge,api", ""),
    "main.spawns": (("  spawns: [guests]\nmemory", "memory"), "edge,api", ""),
    "worker.tick": (("    tick: 1s\n", "    tick: 2s\n"), "", ""),
    "worker.timers": (("idle: {", "lazy: {"), "api", "api"),
    "worker.slow_after": (("    tick: 1s\n", "    tick: 1s\n    slow_after: 1ms\n"), "", ""),
    "worker.memory": (("    tick: 1s\n", "    tick: 1s\n    memory: 1M\n"), "policy", ""),
    "worker.invariant": (("balance >= 0", "balance >= 1"), "", ""),
    "ask.of": (
        ("of: accounts.twice, deadline: 1s, retry: 1,",
         "of: accounts.put, deadline: 1s,"), "edge,api", "edge,api"),
    "ask.deadline": (("deadline: 1s", "deadline: 500ms"), "policy", ""),
    "ask.retry": (("retry: 1", "retry: 3"), "", "policy"),
    "ask.backoff": (("retry: 1", "retry: 1, backoff: 20ms..1s"), "", ""),
    "ask.breaker": (("retry: 1", "retry: 1, breaker: {}"), "policy", ""),
    "ask.survives": (("retry: 1", "retry: 1, survives: true"), "", "policy"),
    "ask.context": (("context: {n: u32}", "context: {n: u64}"), "api", "api"),
    "ask.to": (("retry: 1", "retry: 1, to: each"), "api", "edge,api"),
    "breaker.failures": (("failures: 5", "failures: 4"), "policy", ""),
    "breaker.open": (("open: 5s", "open: 1s"), "", "policy"),
    "timer.every": (("every: 1s", "every: 2s"), "", ""),
    "timer.after": (("after: 10s", "every: 10s"), "", ""),
    "call.deadline": (("{deadline: 2s}, acc", "{deadline: 1s}, acc"), "policy", ""),
    "call.batch": (
        ("accounts.note: , tellers",
         "accounts.note: {batch: 4k}, tellers"), "policy", "api"),
    "call.to": (("accounts.note: , tellers", "accounts.note: {to: each}, tellers"), "", "edge,api"),
    "call.retry": (("{retry: 2, breaker", "{retry: 1, breaker"), "policy", ""),
    "call.backoff": (("{retry: 2, breaker", "{retry: 2, backoff: 20ms..1s, breaker"), "", ""),
    "call.breaker": ((", breaker: {failures: 5, open: 5s}", ""), "", "policy"),
    "pool.worker": (
        [("tellers: {worker: teller", "tellers: {worker: CLERK"),
         ("clerks: {worker: clerk", "clerks: {worker: teller"),
         ("CLERK", "clerk")], "api", "api"),
    "pool.was": (
        [("tellers", "cashiers"),
         ("  cashiers: {worker", "  cashiers: {was: tellers, worker")], "api"),
    "pool.size": (("size: 4", "size: 8"), "partition", "partition"),
    "pool.route": (
        ("by: consistent_hash, key: to, virtual_nodes: 16",
         "by: hash, key: to"), "partition", "partition"),
    "pool.mailbox": (("    mailbox: {capacity: 1k, bytes: 4M, full: reject}\n", ""), "", "policy"),
    "pool.restart": (("    size: 4\n", "    size: 4\n    restart: temporary\n"), "policy", ""),
    "pool.shutdown": (("    size: 4\n", "    size: 4\n    shutdown: brutal\n"), "policy", ""),
    "pool.poison_after": (("    size: 4\n", "    size: 4\n    poison_after: 3\n"), "policy", ""),
    "pool.shard": (("{worker: teller,", "{worker: teller, shard: 1,"), "", ""),
    "route.by": (
        ("by: consistent_hash, key: to, virtual_nodes: 16",
         "by: hash, key: to"), "partition", "partition"),
    "route.key": (
        ("key: to,",
         "key: {put: amount, note: to, keep: to, twice: to},"), "partition", "partition"),
    "route.virtual_nodes": (("nodes: 16", "nodes: 32"), "partition", "partition"),
    "route.splits": (
        ("size: 4\n    route: {by: consistent_hash, key: to, virtual_nodes: 16}",
         "route: {by: range, key: to, splits: [9, 99, 999]}"), "partition", "partition"),
    "mailbox.capacity": (("capacity: 1k", "capacity: 512"), "policy", ""),
    "mailbox.bytes": (("bytes: 4M", "bytes: 2M"), "policy", ""),
    "mailbox.full": (
        ("full: reject}\n  tellers",
         "full: drop_oldest}\n  tellers"), "policy", "policy"),
    "supervisor.strategy": (("root: {", "root: {strategy: one_for_all, "), "", ""),
    "supervisor.restarts": (("root: {", "root: {restarts: 5 in 5s, "), "", "policy"),
    "supervisor.backoff": (("root: {", "root: {backoff: none, "), "", ""),
    "supervisor.children": (("[accounts, front,", "[front, accounts,"), "", ""),
    "supervisor.restart": (("restart: transient", "restart: temporary"), "policy", ""),
    "supervisor.shutdown": (("root: {", "root: {shutdown: 10s, "), "policy", ""),
    "supervisor.significant": (
        ("significant: [tellers]",
         "significant: [tellers, clerks]"), "", "policy"),
    "supervisor.auto_shutdown": (("auto_shutdown: all", "auto_shutdown: any"), "policy", ""),
    "phase.after": (("after: [quiet], ", ""), "policy", ""),
    "phase.ask": (("quiet: {ask: [tellers.flush]}", "quiet: {ask: [accounts.flush]}"), "edge", ""),
    "phase.deadline": (("deadline: 2s}\nmain:", "deadline: 1s}\nmain:"), "policy", ""),
    "main.calls": ((", accounts.note: ", ""), "edge,api", ""),
    "memory.bytes": (("bytes: 1G", "bytes: 2G"), "", ""),
    "memory.shards": (("shards: 2", "shards: 3"), "", ""),
}

# A change of these is nobody's business, because:
HARMLESS = {
    "package.sngen": "there is one version of the language; another sngen would be needed to read it",
    "worker.kind": "there is one kind in this version",
}
HARMLESS.update((f"{shape}.doc", "text for people") for shape in (
    "package", "message", "field", "structure", "enum", "value", "alias", "worker", "ask", "timer",
    "call", "pool", "supervisor", "phase", "memory"))


def keys_of(schema):
    """SHAPE.KEY of every key in the JSON Schema."""
    shapes = {"package": schema["properties"]}
    for title, definition in schema["definitions"].items():
        for form in [definition] + definition.get("anyOf", []):
            shapes.setdefault(title, {}).update(form.get("properties", {}))
    return {f"{title}.{key}" for title, keys in shapes.items() for key in keys}


def kinds_of(sngen, before, now):
    """The kinds of all breaks, and how many findings there are; None if a schema is wrong."""
    done = subprocess.run([sngen, "diff", "--format=json", before, now], capture_output=True,
                          text=True, check=False)
    if done.returncode > 1 or done.stderr or "changes" not in json.loads(done.stdout):
        return None, done.stderr + done.stdout
    changes = json.loads(done.stdout)["changes"]
    return {kind for change in changes for kind in change["kinds"]}, changes


def main():
    sngen, schema = sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    keys = keys_of(schema)
    bad = 0
    for key in sorted(keys ^ (CHANGES.keys() | HARMLESS.keys())):
        print(f"{key}: " + ("what does a change of it break?" if key in keys else "there is no such key"))
        bad += 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        before, now = folder / "before.yaml", folder / "now.yaml"
        (folder / "common.yaml").write_text(COMMON, encoding="utf-8")
        (folder / "other.yaml").write_text(COMMON.replace(": common", ": other"), encoding="utf-8")
        before.write_text(BASE, encoding="utf-8")
        for key, (edits, *expected) in CHANGES.items():
            text = BASE
            for old, new in edits if isinstance(edits, list) else [edits]:
                assert old in text, f"{key}: {old!r} is not there"
                text = text.replace(old, new)
            now.write_text(text, encoding="utf-8")
            for paths, kinds in zip(((before, now), (now, before)), expected):
                found, changes = kinds_of(sngen, *paths)
                wanted = set(kinds.split(",")) - {""}
                if found != wanted or not changes:
                    way = "back" if paths[0] is now else "there"
                    print(f"{key} ({way}): {found}, not {wanted}:\n{changes}")
                    bad += 1
    print(f"{len(keys)} keys, {bad} wrong")
    return bad > 0


sys.exit(main())
