#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Shows that the tests find mistakes:
#
#     run.sh PLANT_H FOLDER [NAME...]
#
# FOLDER is a build with -DSN_PLANT=ON. Each defect that PLANT_H lists (or each NAME) is switched on
# while the simulator's sweep runs, and if that does not notice it, while the stress tests do. A test
# that fails, aborts or does not come to its end has found it. With no defect all must pass.
set -u

header=$1 build=$2
shift 2
storm="$build/tests/sim/test_sim_storm"
herd="$build/tests/sim/test_sim_herd"
stress="$build/tests/stress"
export SN_SIM_SEEDS="${SN_SIM_SEEDS:-80}" SN_SIM_STEPS="${SN_SIM_STEPS:-10000}"
export SN_SIM_STOP_AT=1 SN_SIM_RUNS=1 CK_DEFAULT_TIMEOUT=300

# found SECONDS PROGRAM: whether the program notices the defect in SN_PLANT.
found() {
    limit=$1
    shift
    ! timeout -k 1 "$limit" "$@" >"$build/plant.log" 2>&1
}

find_it() {
    if found 120 "$storm" || found 120 "$herd"; then
        echo "$1: by the simulator"
    elif found 30 env SN_STRESS_FACTOR=2 "$stress/test_stress_link"; then
        echo "$1: by the links under stress"
    elif found 60 "$stress/test_stress_future" || found 60 "$stress/test_stress_room"; then
        echo "$1: by the futures or the mailboxes under stress"
    else
        echo "$1: NOT FOUND"
        return 1
    fi
}

names=${*:-$(sed -n 's/^ *X(\([a-z_]*\)).*/\1/p' "$header")}
missed=0 count=0
for program in "$storm" "$herd" "$stress/test_stress_link" "$stress/test_stress_future" \
    "$stress/test_stress_room"; do
    if found 120 "$program"; then
        cat "$build/plant.log"
        echo "$program fails without a defect"
        exit 1
    fi
done
for name in $names; do
    count=$((count + 1))
    SN_PLANT=$name
    export SN_PLANT
    find_it "$name" || missed=$((missed + 1))
done
echo "$((count - missed)) of $count defects found"
test "$missed" = 0 && test "$count" -gt 0
