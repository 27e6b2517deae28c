#!/bin/sh
# SPDX-License-Identifier: MIT
# harness.sh SNGEN STYLE INCLUDE SCHEMA...
#
# What --with-fuzzers (and so --with-tests) and --with-sim add: compiled as the goldens are, by each compiler that there
# is, formatted like them, and listed. INCLUDE: the runtime's headers.
set -eu
sngen=$1 style=$2 include=$3
shift 3
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for schema; do
    stem=$(basename "$schema" .yaml)
    "$sngen" generate --with-fuzzers --with-sim -o "$work/$stem" "$schema"
    "$sngen" generate --with-fuzzers --with-sim --list "$schema" | sort >"$work/listed"
    ls "$work/$stem" | sort | diff "$work/listed" -
    for compiler in gcc clang; do
        ! command -v "$compiler" >/dev/null ||
            sh "$here/compile.sh" c "$compiler" "$work/$stem" "$include" "$(dirname "$schema")"
    done
    for compiler in g++ clang++; do
        ! command -v "$compiler" >/dev/null ||
            sh "$here/compile.sh" c++ "$compiler" "$work/$stem" "$include" "$(dirname "$schema")"
    done
    sh "$here/format.sh" "$style" "$work/$stem" || [ $? = 77 ]
done
