#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Let a JSON Schema validator judge what sngen judges.

usage: schema.py SCHEMA GOOD... 

The schemas of this folder whose first diagnostic is about the shape of the file must be refused
by the JSON Schema; the files GOOD, and those here that fail for their meaning only, must pass.
Exits with 77 (skip) without the modules yaml and jsonschema.
"""
import json
import re
import sys
from pathlib import Path

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

# What a JSON Schema can see. Everything else (names that do not exist, meanings) it must accept.
SHAPE = {"unknown-key", "missing-key", "wrong-shape", "bad-value", "bad-number", "bad-duration",
         "bad-name", "bad-type", "broken-type", "version", "out-of-range", "not-available"}
MEANING = {"invariant", "unknown-type", "unknown-message", "unknown-worker", "unknown-pool", "unknown-package",
           "unknown-constant", "unknown-field", "unknown-child", "duplicate", "type-not-here",
           "recursive-type", "not-handled", "not-a-request", "is-a-request", "key-missing",
           "key-type", "key-unused", "route", "splits", "mailbox", "memory", "limit", "unbounded",
           "supervision", "retry", "deadline", "park-cycle", "collision", "unused",
           "unreachable", "order", "zero-value", "shard", "errors-overlap",
           "reserved-name", "import", "lock", "lock-stale", "was"}
# Where the two must differ, and why.
APART = {
    "import-own-missing": "it does not know what comes with sngen",
    "bool-yes": "YAML 1.1 readers take `yes` for true",
    "number-leading-zero": "YAML 1.1 readers take 010 for eight",
    "number-constant-range": "the schema does not know the value of a constant",
    "number-range": "nor that of 100k",
    "duration-tiny": "nor that of 10ns",
    "span-reversed": "it cannot compare",
    "policy-park-zero": "nor that of park(0)",
    "type-string-huge": "nor of 2G",
    "type-string-zero": "nor of 0",
    "type-array-unbounded": "one rule for all counts",
    "type-empty-message": "`stop` is a name like any other",
    "type-habit": "`string` could be the name of a type",
    "timer-both": "either `every` or `after` is said in words",
    "timer-none": "the same",
    "asks-pool": "`pool` is a reference like pool.message",
    "calls-batch": "which option fits depends on the message",
    "guard-main": "which option fits depends on who calls",
    "watches-message": "`pool.message` is a reference like `pool`",
    "spawn-message": "the same",
    "spawn-fixed": "which pools can be spawned depends on their size",
    "spawn-options": "what fits to a size depends on it",
    "spawn-each": "which option fits depends on the pool",
    "policy-map": "the first error is the policy, and that it sees",
    "import-absolute": "a path is a shape for the schema",
    "import-pool": "needs to know what the name means",
    "range-bool": "YAML readers take `true` for a bool, and splits are texts",
    "type-list-list": "the pattern of types sees it",
    "type-buffer": "the type is known to be missing by its pattern",
}


def load(path):
    """The document, or None where PyYAML cannot read it: it stops at `T?` inside braces."""
    try:
        return yaml.safe_load(path.read_text())
    except yaml.YAMLError:
        return None


def judge(validator, document):
    return next(iter(validator.iter_errors(document)), None)


def main():
    validator = jsonschema.Draft7Validator(json.loads(Path(sys.argv[1]).read_text()))
    jsonschema.Draft7Validator.check_schema(validator.schema)
    bad = counted = 0
    for good in map(Path, sys.argv[2:]):
        document = load(good)
        error = document is not None and judge(validator, document)
        counted += 1
        if error:
            bad += 1
            print(f"{good}: refused: {error.message}")
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        codes = set(re.findall(rf"^{path.name}:.*(?:error|warning): .* \[([a-z-]+)\]$",
                               path.with_suffix(".txt").read_text(errors="replace"), re.M))
        if path.stem in APART or not codes or not codes <= SHAPE | MEANING:
            continue
        document = load(path)
        if document is None:
            continue
        error = judge(validator, document)
        counted += 1
        if bool(error) != bool(codes & SHAPE):
            bad += 1
            print(f"{path.name}: {sorted(codes)}, but the schema says "
                  f"{error.message if error else 'it is right'}")
    print(f"{counted} files judged, {bad} differently")
    return 1 if bad or counted < 50 else 0


sys.exit(main())
