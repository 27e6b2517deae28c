#!/bin/sh
# SPDX-License-Identifier: MIT
# drift.sh SNGEN SCHEMA EXPECTED [--update]
#
# Generates twice, under different conditions, and compares with the checked-in output: the same
# schema gives the same bytes whatever the folder, the locale and the time zone.
set -eu
sngen=$1 schema=$2 expected=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$sngen" generate -o "$work/one" "$schema"
(cd "$(dirname "$schema")" &&
    LC_ALL=C.UTF-8 TZ=Asia/Kathmandu HOME=/nowhere "$sngen" generate -o "$work/two" \
        "./$(basename "$schema")")
diff -r "$work/one" "$work/two"

if [ "${4-}" = --update ]; then
    rm -rf "$expected"
    mkdir -p "$expected"
    cp "$work/one"/* "$expected"
    exit
fi
if ! diff -ru "$expected" "$work/one"; then
    echo "The output has changed. If that is right: cmake --build <build folder> --target golden-update"
    exit 1
fi
"$sngen" generate --list "$schema" | sort >"$work/listed"
ls "$work/one" | sort | diff "$work/listed" -
