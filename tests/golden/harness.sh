#!/bin/sh
# SPDX-License-Identifier: MIT
# harness.sh SNGEN STYLE INCLUDE SCHEMA...
#
# What --with-fuzzers (and so --with-tests) and --with-sim add: compiled by gcc as the goldens
# are, formatted like them, and listed. INCLUDE: the runtime's headers.
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
    ! command -v gcc >/dev/null ||
        sh "$here/compile.sh" c gcc "$work/$stem" "$include" "$(dirname "$schema")"
    ! command -v g++ >/dev/null ||
        sh "$here/compile.sh" c++ g++ "$work/$stem" "$include" "$(dirname "$schema")"
    sh "$here/format.sh" "$style" "$work/$stem" || [ $? = 77 ]
done
