#!/bin/sh
# SPDX-License-Identifier: MIT
# sim.sh SNGEN CC SCHEMA HANDLERS INCLUDE LIBRARY
#
# The simulation of a package finds a planted bug, prints a command that replays it with few faults,
# and that command fails as well; without the bug all seeds hold, and a seed is the same run each
# time. LIBRARY: libsn.so. CFLAGS: those of a sanitizer, if there are any.
set -eu
sngen=$1 cc=$2 schema=$3 handlers=$4 include=$5 library=$6
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    tail -20 "$work/log" >&2
    echo "sim.sh: $1" >&2
    exit 1
}

build() { # NAME DEFINITION
    # shellcheck disable=SC2086
    "$cc" -std=c11 -O1 -g ${CFLAGS-} "$2" -I"$include" -I"$work" "$work/till.sim.c" \
        "$work/till.sn.c" "$handlers" "$library" -Wl,-rpath,"$(dirname "$library")" -o "$work/$1"
}

"$sngen" generate --with-sim -o "$work" "$schema"
build mended -DMENDED
build planted -DPLANT_SEQUENCE
SN_SIM_SEEDS=12 SN_SIM_STEPS=4000 "$work/mended" >"$work/log" 2>&1 || fail "a seed fails"
grep -q '^0 of 12 seeds fail$' "$work/log" || fail "not all seeds were run"
SN_SIM_TRACE=1 SN_SIM_SEED=3 SN_SIM_STEPS=4000 "$work/mended" >"$work/first"
SN_SIM_TRACE=1 SN_SIM_SEED=3 SN_SIM_STEPS=4000 "$work/mended" >"$work/second"
cmp "$work/first" "$work/second"
[ "$(wc -l <"$work/first")" -gt 200 ] || fail "seed 3 does nearly nothing"

if SN_SIM_SEEDS=2 SN_SIM_STEPS=4000 "$work/planted" >"$work/log" 2>&1; then
    fail "the planted bug was not found"
fi
command=$(grep -m 1 'SN_SIM_SEED=' "$work/log")
if sh -c "$command" >"$work/log" 2>&1; then
    fail "the command does not replay the failure: $command"
fi
grep -q 'the invariant "cash >= 0" does not hold' "$work/log" || fail "another mistake"
