#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A project that has sn_generate() make a fuzzer of a worker: with clang it is built, runs and finds
# what is planted; with another compiler configuring says what is missing. 77: no clang with
# libFuzzer.
#
#   fuzz.sh <work folder> <prefix> <folder of till.yaml and till.c>
set -eu
work=$1
prefix=$2
till=$3
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "fuzz.sh: $*" >&2
    cat log >&2
    exit 1
}

rm -rf "$work"
mkdir -p "$work"
cp "$here"/fuzz/CMakeLists.txt "$till"/till.yaml "$till"/till.c "$work"
cd "$work"

if command -v gcc >/dev/null; then
    ! CC=gcc cmake -S . -B gcc "-DCMAKE_PREFIX_PATH=$prefix" >log 2>&1 || fail "gcc was taken for clang"
    tr -s ' \n' ' ' <log | grep -q 'FUZZES needs clang, for its libFuzzer' || fail "gcc: no clear message"
fi

echo 'int LLVMFuzzerTestOneInput(const char *d, long n); int LLVMFuzzerTestOneInput(const char *d, long n) { return d && n < 0; }' >try.c
if ! clang -fsanitize=fuzzer try.c -o try >log 2>&1; then
    echo "fuzz.sh: skipped, there is no clang with libFuzzer"
    exit 77
fi

# build <folder> <option>
build() {
    CC=clang cmake -S . -B "$1" "-DCMAKE_PREFIX_PATH=$prefix" "$2" >log 2>&1 || fail "$1: configuring failed"
    cmake --build "$1" -j 2 >log 2>&1 || fail "$1: the build failed"
}

build mended -DPLANT=OFF
./mended/fuzz_drawer -seed=1 -runs=2000 -max_len=128 >log 2>&1 || fail "something was found"
build planted -DPLANT=ON
! ./planted/fuzz_drawer -seed=1 -runs=20000 -max_len=128 >log 2>&1 || fail "the planted mistake was not found"
grep -q 'drawer: does not hold: cash >= 0' log || fail "another mistake"
