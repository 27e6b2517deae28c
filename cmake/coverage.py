# SPDX-License-Identifier: MIT
"""Sums gcovr's JSON summary up by folder and compares it with the floors: see coverage.sh."""
import json
import sys

# Percent of branches that are aimed at. Supervision, the mailbox (actor and shard), timers and rings
# carry the promises; what is missing elsewhere is mostly calls of the kernel that fail.
AIMS = {"supervise": 95, "actor": 95, "shard": 95, "timer": 95, "ring": 95}
AIM_OF_OTHERS = 85
# Where the aim is not reached yet, what must not be lost. crash/ runs in a process that dies, and its
# counts die with it: tests/ look at the records that it leaves.
FLOORS = {"shard": 88, "system": 80, "crash": 0}


def main():
    with open(sys.argv[1], encoding="utf-8") as summary:
        files = json.load(summary)["files"]
    folders = {}
    for file in files:
        taken, all_branches = folders.get(file["filename"].split("/")[1], (0, 0))
        folders[file["filename"].split("/")[1]] = (taken + file["branch_covered"],
                                                   all_branches + file["branch_total"])
    missed = 0
    for name, (taken, all_branches) in sorted(folders.items()):
        if all_branches == 0:
            continue
        percent, aim = 100 * taken / all_branches, AIMS.get(name, AIM_OF_OTHERS)
        floor = FLOORS.get(name, aim)
        verdict = "" if percent >= aim else f"   aim {aim} %"
        if percent < floor:
            verdict = f"   BELOW {floor} %"
            missed += 1
        print(f"runtime/{name:<10} {taken:5} of {all_branches:5} branches {percent:6.1f} %{verdict}")
    if not folders:
        sys.exit("coverage.py: there is nothing to report")
    return missed > 0


sys.exit(main())
