#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The same seed gives the same trace whatever made the program and wherever it is loaded:
#
#     same_trace.sh SOURCE FOLDER TEST
#
# builds the storm in FOLDER by the other compiler and as the other build type, and compares the
# traces of some seeds with those of TEST, which runs twice, at other addresses each time.
set -eu

source=$1 folder=$2 test=$3
export CK_FORK=no SN_SIM_STEPS=30000

traces() {
    for seed in 1 2 4 5 7 11 22; do
        SN_SIM_SEED=$seed "$1" | grep '^seed'
    done
}

cmake -S "$source" -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE="$BUILD_TYPE" \
    -DCMAKE_C_COMPILER="$COMPILER" -DSN_ONE_UNIT=OFF -DSN_BUILD_EXAMPLES=OFF >"$folder.log" ||
    { cat "$folder.log"; exit 1; }
cmake --build "$folder" --target test_sim_storm >>"$folder.log" 2>&1 ||
    { tail -40 "$folder.log"; exit 1; }
traces "$test" >"$folder.here"
traces "$test" >"$folder.again"
traces "$folder/tests/sim/test_sim_storm" >"$folder.there"
diff "$folder.here" "$folder.again"
diff "$folder.here" "$folder.there"
test "$(wc -l <"$folder.here")" = 7
