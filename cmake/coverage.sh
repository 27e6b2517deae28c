#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Branch coverage of the runtime, a folder a line, as its unit, behaviour, stress and simulator tests
# reach it together; branches of SN_ASSERT do not count. Fails if a folder is below its floor, which
# coverage.py has. Takes some 150 s of one core once all is compiled.
#
#   sh cmake/coverage.sh            build, run, report
#   sh cmake/coverage.sh report     report again, with what each file lacks
set -eu
cd "$(dirname "$0")/.."
build=build/coverage
jobs=$(nproc)
# A sweep of a few seeds reaches what a long one does.
export SN_SIM_SEEDS="${SN_SIM_SEEDS:-12}" SN_SIM_STEPS="${SN_SIM_STEPS:-10000}"

# The programs slow down when they count.
export CK_TIMEOUT_MULTIPLIER=5

# What is run: programs of C that contain the runtime.
tests() {
    ctest --test-dir "$build" -L '^(unit|runtime|stress|sim|wire)$' \
        -E '^(sngen_.*|otp_cases|incidents|wire_peer|sim_same_trace|partition_balance)$' "$@"
}

measure() {
    cmake --preset coverage
    programs=$(tests -N | sed -n 's/^ *Test *#[0-9]*: /test_/p')
    cmake --build --preset coverage -j "$jobs" --target $programs
    find "$build" -name '*.gcda' -delete
    tests -j "$jobs" --output-on-failure
}

[ "${1-}" = report ] || measure
gcovr -r . -f runtime/ -e runtime/include/ --exclude-lines-by-pattern '.*SN_ASSERT.*' -b \
    --txt "$build/files.txt" --json-summary "$build/coverage.json" "$build/runtime"
[ "${1-}" != report ] || cat "$build/files.txt"
python3 cmake/coverage.py "$build/coverage.json"
