#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Each NAME.yaml of diff/ and of its folders is a new version of the base.yaml beside it; what `sngen diff` says must be
# NAME.txt, whose last line is the exit code; NAME.back.txt, where it is there, what it says of the
# way back. And a schema does not differ from itself.
# `diff.sh SNGEN --update` writes the texts anew: read the difference before you commit it.
#
# usage: diff.sh SNGEN [--update]
set -u
sngen=$(realpath "$1")
update=${2-}
cd "$(dirname "$0")/diff" || exit 3
ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99
export ASAN_OPTIONS UBSAN_OPTIONS
LC_ALL=C
export LC_ALL
said=$(mktemp) || exit 3
trap 'rm -f "$said"' EXIT
count=0
bad=0
for file in *.yaml */*.yaml; do
    name=${file%.yaml}
    base=$(dirname "$file")/base.yaml
    base=${base#./}
    case $(basename "$name") in base | common | other) continue ;; esac
    "$sngen" diff "$base" "$file" >"$said" 2>&1
    echo "exit $?" >>"$said"
    count=$((count + 1))
    if [ "$update" = --update ]; then
        cmp -s "$said" "$name.txt" || cp "$said" "$name.txt"
    elif ! diff -u "$name.txt" "$said"; then
        bad=$((bad + 1))
    fi
    "$sngen" diff "$file" "$base" >"$said" 2>&1
    got=$?
    echo "exit $got" >>"$said"
    if [ $got -gt 1 ]; then
        echo "$file, backwards:"
        cat "$said"
        bad=$((bad + 1))
    elif [ ! -e "$name.back.txt" ]; then
        :
    elif [ "$update" = --update ]; then
        cmp -s "$said" "$name.back.txt" || cp "$said" "$name.back.txt"
    elif ! diff -u "$name.back.txt" "$said"; then
        bad=$((bad + 1))
    fi
    if ! "$sngen" diff "$file" "$file" >"$said" 2>&1 || [ -s "$said" ]; then
        echo "$file differs from itself:"
        cat "$said"
        bad=$((bad + 1))
    fi
done
echo "$count pairs, $bad with another outcome than expected"
[ $count -gt 0 ] && [ $bad -eq 0 ]
