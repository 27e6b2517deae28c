#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The commands that print: each output is compared with a file in output/. `--update` writes them.
#
# usage: output.sh SNGEN [--update]
set -u
sngen=$(realpath "$1")
update=${2-}
cd "$(dirname "$0")" || exit 3
ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99
export ASAN_OPTIONS UBSAN_OPTIONS
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
bad=0

# expect CODE FILE COMMAND...: the command's output is FILE, its exit code CODE.
expect() {
    code=$1
    file=$2
    shift 2
    "$sngen" "$@" >"$work/out" 2>&1
    got=$?
    if [ $got -ne "$code" ]; then
        echo "sngen $*: exit $got, not $code"
        bad=$((bad + 1))
    fi
    if [ "$update" = --update ]; then
        cmp -s "$work/out" "$file" || cp "$work/out" "$file"
    elif ! diff -u "$file" "$work/out"; then
        bad=$((bad + 1))
    fi
}

# exits CODE COMMAND...: only the exit code matters.
exits() {
    code=$1
    shift
    "$sngen" "$@" >"$work/out" 2>&1 </dev/null
    got=$?
    if [ $got -ne "$code" ]; then
        echo "sngen $*: exit $got, not $code"
        cat "$work/out"
        bad=$((bad + 1))
    fi
}

expect 0 output/shop.mmd graph good/shop.yaml
expect 0 output/shop.dot graph --as dot good/shop.yaml
expect 0 output/shop.md doc good/shop.yaml
expect 0 output/whole.mmd graph output/whole.yaml
expect 0 output/whole.dot graph --as dot output/whole.yaml
expect 0 output/whole.md doc output/whole.yaml
exits 0 check output/whole.yaml
expect 1 output/shop.diff diff good/shop.yaml output/shop2.yaml
expect 0 output/shop.allowed diff --allow wire,api,snapshot,partition,policy,edge good/shop.yaml \
    output/shop2.yaml
expect 1 output/wire.diff diff output/wire.yaml output/wire2.yaml
expect 0 output/wire.md doc output/wire.yaml
expect 0 output/none.diff diff good/shop.yaml good/shop.yaml
expect 1 output/check.json check --format=json duplicate-key.yaml unknown-key-worker.yaml
expect 0 output/lint.txt check --lint output/lint.yaml
expect 1 output/strict.txt check --strict doc-cut.yaml
expect 0 output/budget.txt check --budget output/budget.yaml
exits 1 check --budget memory-small.yaml
exits 2 check --budget --format=json output/budget.yaml
expect 0 output/help.txt --help
expect 0 output/explain.txt explain

# fmt: the form, twice the same, and nothing written when nothing changes.
cp output/untidy.yaml "$work/untidy.yaml"
exits 1 fmt --check "$work/untidy.yaml"
exits 0 fmt "$work/untidy.yaml"
if [ "$update" = --update ]; then
    cp "$work/untidy.yaml" output/tidy.yaml
elif ! diff -u output/tidy.yaml "$work/untidy.yaml"; then
    bad=$((bad + 1))
fi
exits 0 fmt --check "$work/untidy.yaml" good/shop.yaml
exits 1 fmt yaml-colon.yaml
exits 3 fmt nowhere.yaml

# new: a right project, and never over an old one.
exits 0 new demo -o "$work/demo"
exits 0 check "$work/demo/demo.yaml"
exits 0 fmt --check "$work/demo/demo.yaml"
exits 3 new demo -o "$work/demo"
exits 2 new int -o "$work/other"
exits 2 new putAll -o "$work/other"

# The command line.
for command in new check generate stubs explain fmt graph doc lock diff; do
    exits 0 $command --help
    exits 0 help $command
    exits 2 $command --no-such-option
done
exits 2
exits 2 chekc
exits 2 check
exits 2 diff good/shop.yaml
exits 2 diff --allow wire,nothing good/shop.yaml good/shop.yaml
exits 2 check --format=xml good/shop.yaml
exits 2 generate good/shop.yaml good/common.yaml
exits 3 check nowhere.yaml
exits 3 check .
exits 0 --version
for code in $("$sngen" explain); do
    exits 0 explain "$code"
done
exits 2 explain no-such-code

# generate: nothing is written for a wrong schema, and nothing again without need.
exits 1 generate -o "$work/gen" duplicate-key.yaml
[ ! -e "$work/gen" ] || { echo "files were written for a wrong schema"; bad=$((bad + 1)); }
exits 0 generate -o "$work/gen" -MD good/shop.yaml
touch -d 2001-01-01 "$work"/gen/*
exits 0 generate -o "$work/gen" -MD good/shop.yaml
new=$(find "$work/gen" -newermt 2002-01-01 -type f)
[ -z "$new" ] || { echo "written again: $new"; bad=$((bad + 1)); }
grep -q 'good/common.yaml' "$work/gen/shop.yaml.d" || { echo "import not in the depfile"; bad=$((bad + 1)); }

echo "$bad wrong"
[ $bad -eq 0 ]
