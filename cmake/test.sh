#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Everything that CI checks: format, lint, and the tests as built by clang, under the sanitizers and
# by gcc. Stops at the first stage that fails, and names it. Running it again is quick.
set -u
cd "$(dirname "$0")/.." || exit 1
jobs=$(nproc)
times=

# stage <name> <command>...
stage() {
    name=$1
    shift
    printf '\n== %s\n' "$name"
    begin=$(date +%s)
    "$@" || {
        printf '\ntest.sh: the stage "%s" failed\n' "$name" >&2
        exit 1
    }
    times="$times$(printf '%6d s  %s' $(($(date +%s) - begin)) "$name")
"
}

format() {
    find runtime sngen examples tests -name '*.[ch]' -print0 |
        xargs -0 clang-format --dry-run -Werror
}

build() {
    cmake --preset "$1" && cmake --build --preset "$1" -j "$jobs"
}

# Tests that do not depend on the compiler run once, with gcc, and those on one thread not under the
# thread sanitizer; see the filters of CMakePresets.json.
build_and_test() {
    build "$1" && ctest --preset "$1" -j "$jobs"
}

# Only what is written by hand: generated code lies in build/.
tidy() {
    run-clang-tidy -quiet -p build/clang -j "$jobs" \
        "^$PWD/(runtime|sngen|examples|tests)/" >build/tidy.log 2>&1 || {
        grep -A 6 -E '(warning|error):' build/tidy.log
        return 1
    }
}

stage "packages" sh cmake/deps.sh
stage "format" format
stage "clang" build_and_test clang
stage "clang-tidy" tidy
stage "short fuzzing" sh tests/fuzz/run.sh 30
stage "address and undefined behaviour sanitizers" build_and_test asan
stage "thread sanitizer" build_and_test tsan
stage "release build" build release
stage "a long sweep of the simulator" ctest --preset release -L sweep
stage "gcc build" build dev
printf '\n%s' "$times"
stage "gcc tests" ctest --preset dev -j "$jobs"
