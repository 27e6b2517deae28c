#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Installs a build of sn and looks at what came: files, soname, exported symbols. The tree is moved
# once, since users unpack it anywhere.
#
#   installed.sh <build folder> <prefix> <configuration>
set -eu
prefix=$2
rm -rf "$prefix" "$prefix.first"
cmake --install "$1" --prefix "$prefix.first" >/dev/null
mv "$prefix.first" "$prefix"

fail() {
    echo "installed.sh: $*" >&2
    exit 1
}

for name in libsn.so libsn.so.0 libsn.a sn.pc snConfig.cmake snConfigVersion.cmake \
    SnGenerate.cmake sngen sngen.1 sn.schema.json sn.yaml.5; do
    find "$prefix" -name "$name" | grep -q . || fail "$name is not installed"
done
! grep -r "$prefix.first" "$prefix" || fail "an installed file names the folder it was installed to"

library=$(find "$prefix" -name libsn.so)
readelf -d "$library" | grep -q 'SONAME.*\[libsn\.so\.0\]' || fail "the soname is not libsn.so.0"

# Exactly the functions of the public headers, and nothing else.
nm -D --defined-only --format=posix "$library" | sed 's/@.*//; s/ .*//' |
    grep -v '^SN_0$' | sort -u >"$prefix/exported"
[ -s "$prefix/exported" ] || fail "libsn.so exports nothing"
for symbol in $(cat "$prefix/exported"); do
    grep -rqw "$symbol" "$prefix/include/sn" ||
        fail "libsn.so exports $symbol, which no public header declares"
done
