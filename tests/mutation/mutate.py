#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Changes the code of supervision and mailboxes in small ways and looks whether a test notices.

    mutate.py [--count N] [--seed N] [--jobs N] [--only TEXT] [--list]

Each mutant is one change of one place: a comparison flipped, a constant one larger, a statement left
out, a condition negated, && and || exchanged. It is compiled in a copy of the sources under
build/mutation and met by the tests below, the quick ones first, until one of them fails, aborts or
does not end; then it is killed. README.md has the result of a run, and says why others survive.
"""
import argparse
import os
import queue
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAILBOX = ["actor/actor.c", "actor/actor.h", "shard/deliver.c", "shard/credit.c", "shard/commit.c",
           "shard/stage.c", "shard/turn.c"]
# Programs (below tests/), in the order in which a mutant meets them.
OF_SUPERVISION = ["unit/supervise/test_supervise_" + name for name in (
    "restart", "start_stop", "spec", "admin", "member", "nested", "significant", "shutdown", "otp",
    "deadline", "backoff", "property")] + ["runtime/test_runtime_tree"]
OF_MAILBOXES = ["unit/actor/test_mailbox", "unit/shard/test_slot", "unit/shard/test_room",
                "sim/test_sim_storm"] + ["runtime/test_runtime_" + name for name in (
                    "mailbox", "overflow", "atomic", "order", "asks", "stop", "letters", "ports",
                    "guard", "timers", "failure", "watchdog")]
ENVIRONMENT = {"SN_SIM_SEEDS": "8", "SN_SIM_STEPS": "4000", "SN_SIM_RUNS": "1",
               "SN_SIM_STOP_AT": "1", "CK_VERBOSITY": "silent"}
TIMEOUT_S = 60

FLIPS = {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "&&": "||",
         "||": "&&"}
OPERATOR = re.compile(r" (==|!=|<=|>=|<|>|&&|\|\|) ")
CONSTANT = re.compile(r"(?<![\w.\"'])\d+(?![\w.\"'])")
CONDITION = re.compile(r"^(\s*(?:\} else )?(?:if|while) \()(.*)(\)(?: \{)?)$")
# A call or an assignment that is all of its line; not a declaration, which has two words in a row.
STATEMENT = re.compile(r"^\s+(?!return|break|continue|goto|case|default)"
                       r"[\w>.\-\[\]*+()]+(?: [|&+\-]?= .*|\(.*\)|\+\+|--);$")


class Mutant:
    """One change: line `number` of `path` (below runtime/) becomes `text`."""

    def __init__(self, path, number, kind, before, text):
        self.path, self.number, self.kind = path, number, kind
        self.before, self.text = before.strip(), text
        self.verdict = None

    def __str__(self):
        after = "(left out)" if self.kind == "drop" else self.text.strip()
        return f"{self.path}:{self.number}: {self.kind}: {self.before}  =>  {after}"


def without_comments(source):
    """The source with the contents of comments and strings blanked, so that columns stay."""
    pattern = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", re.S)
    return pattern.sub(lambda found: re.sub(r"[^\n]", "\0", found.group()), source)


def changes_of_line(line, bare):
    """Yields (kind, new line); `bare` is the line without comments and strings."""
    for found in OPERATOR.finditer(bare):
        begin, end = found.span(1)
        yield "flip", line[:begin] + FLIPS[found.group(1)] + line[end:]
    for found in CONSTANT.finditer(bare):
        begin, end = found.span()
        yield "constant", line[:begin] + str(int(found.group()) + 1) + line[end:]
    found = CONDITION.match(bare)
    if found and found.group(2).count("(") == found.group(2).count(")"):
        begin, end = found.span(2)
        yield "negate", f"{line[:begin]}!({line[begin:end]}){line[end:]}"
    if STATEMENT.match(bare):
        yield "drop", line[:len(line) - len(line.lstrip())] + ";"


def mutants_of(path, source):
    """All mutants of a file: only what is inside functions, and no assertion."""
    inside = planted = False
    lines, bare_lines = source.split("\n"), without_comments(source).split("\n")
    for number, (line, bare) in enumerate(zip(lines, bare_lines), 1):
        if bare in ("{", "}"):
            inside = bare == "{"
        elif inside and not (planted or "SN_ASSERT" in bare or bare.lstrip().startswith("#")):
            for kind, text in changes_of_line(line, bare):
                yield Mutant(path, number, kind, line, text)
        planted = bare.lstrip().startswith("if (SN_PLANTED(")  # the next line is a defect


def all_mutants():
    folder = ROOT / "runtime"
    paths = sorted(str(p.relative_to(folder)) for p in (folder / "supervise").glob("*.[ch]"))
    for path in paths + MAILBOX:
        yield from mutants_of(path, (folder / path).read_text())


def kill_group(leader):
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Workshop:
    """A copy of the sources, and a build of it."""

    def __init__(self, number):
        self.source = ROOT / "build" / "mutation" / str(number) / "source"
        self.build = self.source.parent / "build"
        shutil.rmtree(self.source, ignore_errors=True)
        shutil.copytree(ROOT, self.source, symlinks=True,
                        ignore=shutil.ignore_patterns("build", ".git"))
        for file in (self.source / "runtime").glob("*/*.[ch]"):
            file.touch()  # what is left of a run that was broken off may be newer
        subprocess.run(["cmake", "-S", self.source, "-B", self.build, "-G", "Ninja",
                        "-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_FLAGS=-O1", "-DSN_ONE_UNIT=OFF",
                        "-DCMAKE_LINK_DEPENDS_NO_SHARED=ON"],
                       check=True, stdout=subprocess.DEVNULL)

    def make(self, program):
        """Returns whether it could be built."""
        return subprocess.run(["ninja", "-C", self.build, "-j1", Path(program).name],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode == 0

    def passes(self, program):
        """A session of its own, so that what a test has forked ends with it."""
        test = subprocess.Popen([self.build / "tests" / program], cwd=self.build,
                                env=os.environ | ENVIRONMENT, start_new_session=True,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return test.wait(TIMEOUT_S) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            kill_group(test.pid)
            test.wait()

    def judge(self, mutant):
        file = self.source / "runtime" / mutant.path
        original = file.read_text()
        lines = original.split("\n")
        lines[mutant.number - 1] = mutant.text
        file.write_text("\n".join(lines))
        try:
            mutant.verdict = self.meet(mutant)
        finally:
            file.write_text(original)

    def meet(self, mutant):
        programs = OF_SUPERVISION if mutant.path.startswith("supervise/") else OF_MAILBOXES
        for program in programs:
            if not self.make(program):
                return "invalid"
            if not self.passes(program):
                return "killed by " + Path(program).name
        return "SURVIVES"


def check_sound(shop, number, count):
    """Without a mutant all can be built; its share of them is run, and passes."""
    for place, program in enumerate(OF_SUPERVISION + OF_MAILBOXES):
        if not shop.make(program):
            raise SystemExit(f"mutate.py: {program} cannot be built")
        if place % count == number and not shop.passes(program):
            raise SystemExit(f"mutate.py: {program} fails without a mutant")


def work(shop, waiting, say):
    while True:
        try:
            mutant = waiting.get_nowait()
        except queue.Empty:
            return
        shop.judge(mutant)
        say(mutant)


def judge_all(shops, sample):
    """Returns when each mutant of the sample has its verdict."""
    waiting, lock = queue.Queue(), threading.Lock()

    def say(mutant):
        with lock:
            print(f"{mutant.verdict}: {mutant}", flush=True)

    for mutant in sample:
        waiting.put(mutant)
    threads = [threading.Thread(target=work, args=(shop, waiting, say)) for shop in shops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=120, help="mutants to try")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="at the same time")
    parser.add_argument("--only", default="", help="mutants whose description contains this")
    parser.add_argument("--list", action="store_true", help="print the sample, and try nothing")
    return parser.parse_args()


def main():
    args = options()
    mutants = [mutant for mutant in all_mutants() if args.only in str(mutant)]
    sample = random.Random(args.seed).sample(mutants, min(args.count, len(mutants)))
    if args.list:
        print(*sample, sep="\n")
        return 0
    shops = [Workshop(number) for number in range(args.jobs)]
    with ThreadPoolExecutor(len(shops)) as pool:
        list(pool.map(check_sound, shops, range(len(shops)), [len(shops)] * len(shops)))
    judge_all(shops, sample)
    killed = sum(mutant.verdict.startswith("killed") for mutant in sample)
    valid = killed + sum(mutant.verdict == "SURVIVES" for mutant in sample)
    print(f"{killed} of {valid} mutants killed, {len(sample) - valid} do not compile; "
          f"seed {args.seed}, {len(mutants)} possible")
    return 0 if valid > 0 and killed >= 0.85 * valid else 1


if __name__ == "__main__":
    sys.exit(main())
