#!/bin/sh
# SPDX-License-Identifier: MIT
# compile.sh c|c++ COMPILER FOLDER INCLUDE...
#
# Compiles generated code: the units as C11, each header alone as C++17. The headers of INCLUDE are
# not what is tested, they are included as a system's. 77: no such compiler.
set -eu
language=$1 compiler=$2 folder=$3
shift 3
command -v "$compiler" >/dev/null || exit 77
flags="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I$folder"
for include; do
    flags="$flags -isystem $include"
done

# The paths of a build folder may not have spaces: $flags is split on purpose.
if [ "$language" = c ]; then
    for unit in "$folder"/*.c; do
        # shellcheck disable=SC2086
        "$compiler" -std=c11 -O2 $flags -c "$unit" -o /dev/null
    done
    exit
fi
for header in "$folder"/*.h; do
    # shellcheck disable=SC2086
    echo "#include \"$(basename "$header")\"" |
        "$compiler" -std=c++17 -x c++ $flags -fsyntax-only -
done
