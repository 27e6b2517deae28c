#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Each NAME.yaml of this folder, and of those in lock/ that have a sngen.lock, is checked; what sngen says must be NAME.txt, byte by byte, whose
# last line is the exit code. `run.sh SNGEN --update` writes the texts anew: read the difference
# before you commit it.
#
# usage: run.sh SNGEN [--update] [NAME...]
set -u
sngen=$(realpath "$1")
shift
update=no
if [ "${1-}" = --update ]; then
    update=yes
    shift
fi
cd "$(dirname "$0")" || exit 3
# A report of a sanitizer must not look like an exit code of sngen.
ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99
export ASAN_OPTIONS UBSAN_OPTIONS
LC_ALL=C
export LC_ALL
said=$(mktemp) || exit 3
trap 'rm -f "$said"' EXIT
count=0
bad=0
[ $# -gt 0 ] || set -- *.yaml lock/*/*.yaml
for file in "$@"; do
    name=${file%.yaml}
    "$sngen" check "$name.yaml" >"$said" 2>&1
    echo "exit $?" >>"$said"
    count=$((count + 1))
    if [ $update = yes ]; then
        cmp -s "$said" "$name.txt" || cp "$said" "$name.txt"
    elif ! diff -u "$name.txt" "$said"; then
        bad=$((bad + 1))
    fi
done
echo "$count schemas, $bad with another outcome than expected"
[ $count -gt 0 ] && [ $bad -eq 0 ]
