#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Looks at what `cmake --install` brought: files, headers, soname, exported symbols.
#
#   installed.sh <prefix> <build folder>
set -eu
prefix=$1
build=$2 # lists are left here

fail() {
    echo "installed.sh: $*" >&2
    exit 1
}

for name in libsn.so libsn.so.0 libsn.a libsn-wire.a sn.pc sn-wire.pc snConfig.cmake snConfigVersion.cmake \
    SnGenerate.cmake sngen sngen.1 sn.schema.json sn.yaml.5; do
    find "$prefix" -name "$name" | grep -q . || fail "$name is not installed"
done
! grep -rIF -e "$prefix" -e "$build" "$prefix" ||
    fail "an installed text names a folder of the build"

# Each header stands alone, in C and in C++.
for header in "$prefix"/include/sn/*.h; do
    set -- -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I "$prefix/include" -include "$header"
    "${CC:-cc}" -std=c11 "$@" -x c /dev/null || fail "$header is not good C"
    "${CXX:-c++}" -std=c++17 "$@" -x c++ /dev/null || fail "$header is not good C++"
done

library=$(find "$prefix" -name libsn.so)
readelf -d "$library" | grep -q 'SONAME.*\[libsn\.so\.0\]' || fail "the soname is not libsn.so.0"

# libsn.so exports the functions that the headers declare, all of them and nothing else.
cat "$prefix"/include/sn/*.h | tr '\n' ' ' | grep -o 'SN_API [^(;]*(' |
    sed -n 's/.*[ *]\(sn_[a-z0-9_]*\)($/\1/p' | sort -u >"$build/declared"
nm -D --defined-only --format=posix "$library" | sed 's/[@ ].*//' |
    grep -v '^SN_0$' | sort -u >"$build/exported"
diff "$build/declared" "$build/exported" || fail "declared (<) and exported (>) functions differ"
