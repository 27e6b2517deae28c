#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every identifier in generated C must be known to the collision check.

usage: names.py SNGEN SCHEMA...
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def strip(text):
    text = re.sub(r'/\*.*?\*/|//[^\n]*', " ", text, flags=re.S)
    return re.sub(r'"(?:\\.|[^"\\\n])*"|^\s*#\s*(?:include|ifndef|define \w+_H$).*', " ", text,
                  flags=re.M)


def main():
    sngen, schemas = sys.argv[1], sys.argv[2:]
    bad = 0
    for schema in schemas:
        names = set(subprocess.run([sngen, "names", schema], capture_output=True, text=True,
                                   check=True).stdout.split())
        package = re.search(r"^package: *(\w+)", Path(schema).read_text(), re.M).group(1)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sngen, "generate", "--with-tests", "-o", folder, schema], check=True)
            found = set()
            for path in Path(folder).iterdir():
                found |= set(re.findall(rf"(?<![\w.>])(?:{package}|{package.upper()})_\w+",
                                        strip(path.read_text())))
        # A field may begin like a generated name: `bank_name: string(32)` in package bank.
        names |= set(re.findall(r"\w+(?=:)", Path(schema).read_text()))
        for name in sorted(found - names):
            bad += 1
            print(f"{schema}: '{name}' is generated, but unknown to sn_names_visit()")
        print(f"{schema}: {len(found)} identifiers")
    return 1 if bad or not schemas else 0


sys.exit(main())
