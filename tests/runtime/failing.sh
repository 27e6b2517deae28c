#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every allocation of every behaviour test fails once; CI does a few of each. Takes the better part of
# an hour. Under the address sanitizer it sees more.
#
#   sh tests/runtime/failing.sh BUILD [PROGRAM...]     BUILD: a build tree, as build/asan
set -u
build=$1
shift
[ $# -gt 0 ] || set -- $(ctest --test-dir "$build" -N -L '^failing$' |
    sed -n 's/^ *Test *#[0-9]*: failing_/test_runtime_/p')
wrong=0
for program in "$@"; do
    SN_FAIL_ALLOCATIONS=all "$build/tests/runtime/$program" || wrong=$((wrong + 1))
done
[ "$wrong" -eq 0 ]
