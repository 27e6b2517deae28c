#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Builds an example as a project of its own against an installed sn, and starts it.
#
#   outside.sh <source> <build folder> <prefix of the installed sn> <program>
set -eu
rm -rf "$2"
cmake -S "$1" -B "$2" -DCMAKE_PREFIX_PATH="$3"
cmake --build "$2"
"$2/$4" </dev/null
