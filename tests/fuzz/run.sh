#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Fuzz for a while: run.sh SECONDS. sngen, from the schemas that the other tests have; then the
# codecs of messages for the wire.
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-30}
prefix=

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target sngen_fuzz wire_fuzz -j "$(nproc)"
# The address sanitizer of clang 14 needs addresses that are not too random; see SnSanitize.cmake.
if [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0)" -gt 28 ]; then
    prefix="setarch -R"
fi

# fuzz <target> <seconds> <most bytes> [<folder of seeds>...]
fuzz() {
    target=$1 time=$2 most=$3
    shift 3
    mkdir -p "build/fuzz/corpus/$target"
    $prefix "build/fuzz/tests/fuzz/$target" -max_total_time="$time" -timeout=10 \
        -rss_limit_mb=2048 -max_len="$most" -print_final_stats=1 -artifact_prefix=build/fuzz/ \
        "build/fuzz/corpus/$target" "$@" 2>build/fuzz/log || {
        tail -n 60 build/fuzz/log
        exit 1
    }
    echo "$target:"
    grep -E 'stat::number_of_executed_units|DONE' build/fuzz/log
}

fuzz sngen_fuzz "$seconds" 16384 -dict=tests/fuzz/sngen.dict \
    tests/fuzz/corpus tests/errors tests/golden/schemas examples/counter examples/bank examples/wordcount
fuzz wire_fuzz "$((seconds / 3 + 1))" 1024
