#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `sngen graph` prints is Mermaid and DOT: each line has one of the forms below, an arrow ends
at nodes that are there, boxes close, and both languages show the same nodes and arrows. Graphviz
reads the DOT, if there is one.

usage: graph.py SNGEN SCHEMA...
"""

import re
import shutil
import subprocess
import sys

NAME = r"[a-z][a-z0-9_]*"
# Of what Mermaid reads in a quoted label only its own entities, breaks and plain text.
TEXT = r'"((?:[^"#<>&\n]|#(?:quot|lt|gt|amp|35);|<br/>)+)"'
MERMAID = {
    "box": rf"subgraph ({NAME})\[{TEXT}\]",
    "end": r"end",
    "node": rf"({NAME})(?:\[{TEXT}\]|\(\[{TEXT}\]\))",
    "arrow": rf"({NAME}) (?:-- {TEXT} -->|-\. {TEXT} \.->|-\. {TEXT} \.-o|<?== {TEXT} ==>) ({NAME})",
}
TEXT = r'"((?:[^"\\\n]|\\[n"\\])+)"'
DOT = {
    "box": rf"subgraph cluster_({NAME}) {{ label={TEXT};",
    "end": r"}",
    "node": rf"({NAME}) \[label={TEXT}(?:, shape=oval)?\];",
    "arrow": rf"({NAME}) -> ({NAME}) \[label={TEXT}(?:, [a-z]+=[a-z]+)*\];",
}


def read(forms, lines, where):
    nodes, arrows, depth = [], [], 0
    for line in lines:
        for kind, form in forms.items():
            found = re.fullmatch(form, line.strip())
            if found:
                break
        else:
            sys.exit(f"{where}: not of any form: {line}")
        depth += {"box": 1, "end": -1}.get(kind, 0)
        if len(line) - len(line.lstrip()) != 2 * (depth + (kind != "box")):
            sys.exit(f"{where}: indented otherwise than nested: {line}")
        words = [word for word in found.groups() if word]
        if kind in ("box", "node"):
            nodes.append(words[0])
        elif kind == "arrow":
            arrows.append(sorted(word for word in words if re.fullmatch(NAME, word) and word in nodes))
            if len(arrows[-1]) < 2:
                sys.exit(f"{where}: an end that is no node: {line}")
    if depth != 0:
        sys.exit(f"{where}: boxes that do not close")
    if len(nodes) != len(set(nodes)):
        sys.exit(f"{where}: two nodes of one name")
    return nodes, arrows


def graph(sngen, language, schema):
    run = subprocess.run([sngen, "graph", "--as", language, schema], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{schema}: exit code {run.returncode}\n{run.stderr}")
    return run.stdout


def main():
    sngen, schemas = sys.argv[1], sys.argv[2:]
    reader = shutil.which("dot")
    for schema in schemas:
        mermaid = graph(sngen, "mermaid", schema)
        dot = graph(sngen, "dot", schema)
        head, *lines = mermaid.splitlines()
        if head != "flowchart LR":
            sys.exit(f"{schema}: begins with {head}")
        if dot.splitlines()[0] != "digraph topology {" or dot.splitlines()[-1] != "}":
            sys.exit(f"{schema}: no digraph")
        if read(MERMAID, lines, schema) != read(DOT, dot.splitlines()[3:-1], schema):
            sys.exit(f"{schema}: Mermaid and DOT show different things")
        if reader:
            run = subprocess.run([reader, "-Tcanon"], input=dot, capture_output=True, text=True)
            if run.returncode != 0 or run.stderr:
                sys.exit(f"{schema}: dot says\n{run.stderr}")
    print(len(schemas), "schemas,", "read by graphviz" if reader else "without graphviz")


main()
