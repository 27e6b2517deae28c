#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Fuzz sngen for a while, from the schemas that the other tests have: run.sh SECONDS
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-30}
corpus=build/fuzz/corpus
prefix=

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target sngen_fuzz -j "$(nproc)"
mkdir -p "$corpus"
# The address sanitizer of clang 14 needs addresses that are not too random; see SnSanitize.cmake.
if [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0)" -gt 28 ]; then
    prefix="setarch -R"
fi
$prefix build/fuzz/tests/fuzz/sngen_fuzz -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=16384 -print_final_stats=1 -artifact_prefix=build/fuzz/ "$corpus" \
    tests/errors tests/golden/schemas examples/counter examples/bank examples/wordcount \
    2>build/fuzz/log || {
    tail -n 60 build/fuzz/log
    exit 1
}
grep -E 'stat::number_of_executed_units|DONE' build/fuzz/log
