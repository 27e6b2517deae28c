#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Each example is also a project of its own: builds them against the installed package, and runs
# the one that the README shows.
#
#   examples.sh <folder of the examples> <work folder> <prefix>
set -eu
rm -rf "$2"
for example in counter wordcount bank; do
    cmake -G Ninja -S "$1/$example" -B "$2/$example" "-DCMAKE_PREFIX_PATH=$3"
    cmake --build "$2/$example" -j 2
done
counted=$("$2/counter/counter")
[ "$counted" = 55 ] || {
    echo "examples.sh: counter printed '$counted' instead of 55" >&2
    exit 1
}
