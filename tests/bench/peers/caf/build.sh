#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: build.sh OUT_DIR        builds OUT_DIR/caf-peer; needs g++ and libcaf-dev
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
g++ -std=c++17 -O3 -DNDEBUG -Wall -Wextra "$here/rows.cpp" "$here/savina.cpp" "$here/main.cpp" \
    -o "$1/caf-peer" -lcaf_core -lpthread
