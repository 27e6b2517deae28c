#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Branch coverage of the runtime, a folder a line, as its unit, behaviour, stress and simulator tests
# reach it together; branches of assertions do not count. Fails if a folder is below its floor, which
# coverage.py has.
#
#   sh cmake/coverage.sh            build, run, report
#   sh cmake/coverage.sh report     report again, with what each file lacks
#   sh cmake/coverage.sh names      the tests that are run
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
    ctest --test-dir "$build" -L '^(unit|runtime|failing|stress|sim|wire)$' \
        -E '^(sngen_.*|otp_cases|incidents|wire_peer|sim_same_trace|partition_balance)$' "$@"
}

names() {
    tests -N "$@" | sed -n 's/^ *Test *#[0-9]*: //p'
}

measure() {
    cmake --preset coverage
    programs=$(names -LE failing | sed 's/^/test_/')
    cmake --build --preset coverage -j "$jobs" --target $programs
    find "$build" -name '*.gcda' -delete
    tests -j "$jobs" --output-on-failure
}

case ${1-} in
names) names && exit ;;
report) ;;
*) measure ;;
esac
gcovr -r . -f runtime/ -e runtime/include/ --json "$build/coverage.json" "$build/runtime"
[ "${1-}" != report ] || set -- files
python3 cmake/coverage.py "$build/coverage.json" "$@"
