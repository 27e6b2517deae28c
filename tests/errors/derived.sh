#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What is made from the tables of the language and of the commands is checked in; each is made anew
# and compared. `--update` writes them.
#
# usage: derived.sh SNGEN ROOT [--update]
set -u
sngen=$1
root=$2
made=$(mktemp) || exit 3
trap 'rm -f "$made"' EXIT
bad=0
for pair in schema:schemas/sn.schema.json language:schemas/sn.yaml.5 \
    manual:sngen/tool/sngen.1 completion:sngen/tool/sngen.bash dictionary:tests/fuzz/sngen.dict; do
    file=$root/${pair#*:}
    "$sngen" reference "${pair%%:*}" >"$made" || exit 3
    if [ "${3-}" = --update ]; then
        cmp -s "$made" "$file" || cp "$made" "$file"
    elif ! diff -u "$file" "$made"; then
        echo "$file is not what \`sngen reference ${pair%%:*}\` prints"
        bad=1
    fi
done
if command -v bash >/dev/null && ! bash -n "$root/sngen/tool/sngen.bash"; then
    bad=1
fi
exit $bad
