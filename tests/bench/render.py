#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the results of compare.py as a Markdown report and as an SVG chart.

usage: render.py RESULTS.json REPORT.md CHART.svg
"""
import json
import math
import sys
from html import escape

# Ours that spin, or park, for certain, beside the peers' row: theirs park or spin as they please.
PEER_ROWS = {
    "pingpong/cross-shard-spinning": "pingpong/cross-shard",
    "pingpong/cross-shard-parked": "pingpong/cross-shard",
}

# Our row, the most it may cost, and what it is held against in the same run: a limit row, a peer,
# or the best of all peers.
AIMS = [
    ("pingpong/same-shard", 20, [(">=", 15, "caf"), (">=", 8, "go"), (">=", 8, "tokio")]),
    ("ask/same-shard", 40, [(">=", 4, "tokio")]),
    ("ring/503", 10, [(">=", 10, "go")]),
    ("one-to-one/same-shard/64B", 8, []),
    ("one-to-one/cross-shard/64B", 6, [("<=", 2.5, "limit/spsc64-batch32"), (">=", 6, "best")]),
    ("one-to-one/cross-shard/4096B-move", 40, []),
    ("many-to-one/same-shard", 8, [(">=", 3.5, "best")]),
    ("many-to-one/cross-shard", 8, [(">=", 3.5, "best")]),
    ("pingpong/cross-shard-spinning", 250, [("<=", 3, "limit/cacheline-rtt-two-lines")]),
    ("pingpong/cross-shard-parked", None, [("<=", 1.3, "limit/eventfd-rtt")]),
    ("foreign/one-producer/64B", 20, []),
    ("ask/foreign-parked", None, [("<=", 1.3, "limit/futex-rtt")]),
    ("lifecycle/create-message-destroy", 80, [(">=", 6, "tokio")]),
    ("memory/idle-actor", 320, []),
    ("idle/far-timers", 1, []),
    ("timer/arm-cancel", 25, []),
    ("timer/fire", 40, []),
    ("route/hash", 5, []),
    ("route/consistent-hash", 12, []),
]

COLOURS = {"sn": "#1f6feb", "caf": "#8c564b", "erlang": "#a90533", "go": "#00add8",
           "tokio": "#f28e2b", "crossbeam": "#59a14f", "flume": "#b07aa1", "rayon": "#9c755f"}


class Results:
    def __init__(self, data):
        self.header = data["header"]
        self.programs = data["programs"]
        self.failures = data["failures"]
        self.by_key = {(r["program"], r["name"]): r for r in data["results"]}
        self.rows = data["rows"]

    def get(self, program, row):
        found = self.by_key.get((program, row))
        if found is None and program != "sn" and row in PEER_ROWS:
            found = self.by_key.get((program, PEER_ROWS[row]))
        return found

    def median(self, program, row):
        found = self.get(program, row)
        return found["median"] if found else None

    def peers(self):
        return [program for program in self.programs if program != "sn"]

    def against(self, row, what):
        """The median that an aim compares with: a limit row's, a peer's, or the best peer's."""
        if what.startswith("limit/"):
            return self.median("sn", what)
        chosen = self.peers() if what == "best" else [what]
        medians = [m for m in (self.median(peer, row) for peer in chosen) if m]
        return min(medians) if medians else None


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def cell(result, ours):
    if result is None:
        return "-"
    text = f"{number(result['median'])} ({number(result['min'])}..{number(result['max'])})"
    if ours:
        text += f" **{result['median'] / ours:.1f}x**"
    return text


def table(header, lines):
    rule = ["---"] + ["--:"] * (len(header) - 1)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, rule, *lines]) + "\n"


def header_lines(results):
    header = results.header
    versions = ", ".join(f"{name} {v}" for name, v in header["versions"].items())
    lines = [f"- machine: {header['machine']}, {header['cpus_online']} CPUs online, "
             f"pinned to {header['pinned'][:2]}",
             f"- kernel: {header['kernel']}; governor: {header['governor']}; "
             f"load at the start: {header['load']}",
             f"- sn: commit {header['commit']}, {header['compiler']}",
             f"- peers (Debian's packages): {versions or 'none'}",
             f"- {header['rounds']} rounds, the programs in turns on the same cores; "
             "median (min..max) over the rounds"]
    if header["quick"]:
        lines.append("- **a quick run: these figures say only that the programs work**")
    return "\n".join(lines) + "\n"


def limits_section(results):
    lines = [[row, number(r["median"]), f"{number(r['min'])}..{number(r['max'])}"]
             for row in results.rows if row.startswith("limit/")
             for r in [results.get("sn", row)] if r]
    return "## What the machine can do\n\n" + table(["row", "median, ns", "spread"], lines)


def peers_section(results):
    lines = []
    for row in results.rows:
        if row.startswith("limit/"):
            continue
        ours = results.median("sn", row)
        found = [results.get(program, row) for program in results.programs]
        unit = next(r["unit"] for r in found if r)
        lines.append([f"{row}, {unit}", cell(found[0], None)] +
                     [cell(result, ours) for result in found[1:]])
    return ("## Beside the peers\n\nThe bold figure is how many times our median the peer's is.\n\n"
            + table(["row", *results.programs], lines))


def aim_lines(results):
    for row, most, relations in AIMS:
        ours = results.median("sn", row)
        if ours is None:
            continue
        if most is not None:
            yield [row, f"<= {most}", number(ours), "yes" if ours <= most else "**no**"]
        for sign, factor, what in relations:
            other = results.against(row, what)
            if other is None:
                continue
            ratio = other / ours if sign == ">=" else ours / other
            met = ratio >= factor if sign == ">=" else ratio <= factor
            text = f"{what}'s cost / ours" if sign == ">=" else f"ours / {what}"
            yield [row, f"{text} {sign} {factor}", f"{ratio:.2f}", "yes" if met else "**no**"]


def aims_section(results):
    lines = list(aim_lines(results))
    if not lines:
        return ""
    return "## Aims\n\n" + table(["row", "aim", "measured", "met"], lines)


def failures_section(results):
    if not results.failures:
        return ""
    lines = [f"- {f['program']}, {f['name']}: {f['error']}" for f in results.failures]
    return "## What failed\n\n" + "\n".join(lines) + "\n"


def report(results):
    parts = ["# sn beside its peers\n", header_lines(results), limits_section(results),
             peers_section(results), aims_section(results), failures_section(results)]
    return "\n".join(part for part in parts if part)


class Chart:
    """Horizontal bars on a logarithmic scale, a group a row, a whisker from minimum to maximum."""

    BAR, GAP, LEFT, WIDTH, TOP = 14, 16, 250, 640, 64

    def __init__(self, results):
        self.results = results
        self.parts = []
        self.groups = []
        for row in results.rows:
            bars = [(p, results.get(p, row)) for p in results.programs if results.get(p, row)]
            if not row.startswith("limit/") and bars and all(r["min"] > 0 for _, r in bars):
                self.groups.append((row, bars))
        # Rows that only one program has are in the table.
        shared = [group for group in self.groups if len(group[1]) > 1]
        self.groups = shared or self.groups
        values = [r[k] for _, bars in self.groups for _, r in bars for k in ("min", "max")] or [1]
        self.low = 10 ** math.floor(math.log10(min(values)))
        self.high = 10 ** math.ceil(math.log10(max(values) * 1.01))

    def x(self, value):
        span = math.log10(self.high / self.low)
        return self.LEFT + self.WIDTH * math.log10(value / self.low) / span

    def text(self, x, y, text, extra=""):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" {extra}>{escape(text)}</text>')

    def line(self, x1, y1, x2, y2, colour):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'stroke="{colour}"/>')

    def bar(self, y, program, result, ours):
        end, middle = self.x(result["median"]), y + self.BAR / 2 - 1
        colour = COLOURS.get(program, "#777777")
        self.parts.append(f'<rect x="{self.LEFT}" y="{y:.1f}" width="{end - self.LEFT:.1f}" '
                          f'height="{self.BAR - 2}" fill="{colour}"/>')
        self.line(self.x(result["min"]), middle, self.x(result["max"]), middle, "#222222")
        label = f"{program} {number(result['median'])}"
        if ours and program != "sn":
            label += f" ({result['median'] / ours:.1f}x)"
        self.text(max(end, self.x(result["max"])) + 5, y + self.BAR - 4, label)

    def axis(self, bottom):
        value = self.low
        while value <= self.high:
            self.line(self.x(value), self.TOP - 8, self.x(value), bottom, "#dddddd")
            self.text(self.x(value), self.TOP - 14, f"{value:g}", 'text-anchor="middle"')
            value *= 10

    def render(self):
        bars = sum(len(bars) for _, bars in self.groups)
        height = self.TOP + bars * self.BAR + len(self.groups) * self.GAP + 10
        self.axis(height - 10)
        y = self.TOP
        for row, group in self.groups:
            self.text(self.LEFT - 8, y + self.BAR - 4, f"{row}, {group[0][1]['unit']}",
                      'text-anchor="end" font-weight="bold"')
            for program, result in group:
                self.bar(y, program, result, self.results.median("sn", row))
                y += self.BAR
            y += self.GAP
        title = f"sn beside its peers: {self.results.header['machine']}"
        self.text(12, 22, title, 'font-size="15" font-weight="bold"')
        self.text(12, 38, "cost an operation, logarithmic; shorter is better; whiskers: min to max")
        width = self.LEFT + self.WIDTH + 200
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">\n'
                f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
                + "\n".join(self.parts) + "\n</svg>\n")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        results = Results(json.load(file))
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(report(results))
    if Chart(results).groups:
        with open(sys.argv[3], "w", encoding="utf-8") as file:
            file.write(Chart(results).render())


main()
