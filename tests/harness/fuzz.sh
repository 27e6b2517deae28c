#!/bin/sh
# SPDX-License-Identifier: MIT
# fuzz.sh SNGEN SCHEMA HANDLERS INCLUDE LIBRARY
#
# The fuzzer of a worker finds each planted bug within so many runs, by the same seed each time, and
# finds nothing without them. LIBRARY: libsn.so. 77: no clang with libFuzzer.
set -eu
sngen=$1 schema=$2 handlers=$3 include=$4 library=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runs=20000

fuzz() { # NAME DEFINITION
    clang -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all "$2" \
        -I"$include" -I"$work" "$work/till.drawer_fuzz.c" "$work/till.sn.c" "$handlers" "$library" \
        -Wl,-rpath,"$(dirname "$library")" -o "$work/$1"
    (cd "$work" && "./$1" -seed=1 -runs=$runs -max_len=128 >"$1.log" 2>&1)
}

fail() {
    tail -40 "$work/$1.log" >&2
    echo "fuzz.sh: $2" >&2
    exit 1
}

command -v clang >/dev/null || exit 77
echo 'int LLVMFuzzerTestOneInput(const char *d, long n); int LLVMFuzzerTestOneInput(const char *d, long n) { return d && n < 0; }' >"$work/try.c"
clang -fsanitize=fuzzer "$work/try.c" -o "$work/try" 2>/dev/null || exit 77

"$sngen" generate --with-fuzzers -o "$work" "$schema" 2>/dev/null
fuzz mended -DMENDED || fail mended "something was found although nothing is planted"
! fuzz sequence -DPLANT_SEQUENCE || fail sequence "the sequence that breaks an invariant was not found"
grep -q 'drawer: does not hold: cash >= 0' "$work/sequence.log" || fail sequence "another mistake"
! fuzz bounds -DPLANT_BOUNDS || fail bounds "the write past the end was not found"
grep -q 'index 8 out of bounds' "$work/bounds.log" || fail bounds "another mistake"
