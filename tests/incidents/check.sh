#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Whether incidents.md is complete: twelve rows, each with tests that exist and run, or with the
# reason why there is none; and the same of the rows of semantics.md.
#
# usage: check.sh DIRECTORY_OF_THE_TESTS

set -eu
tests=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

complain()
{
    echo "incidents.md: $1" >&2
    failed=1
}

# exists NAME: as incidents.md says it.
exists()
{
    case $1 in
    plant:*) grep -q "^ *X(${1#plant:})" "$tests/../runtime/base/plant.h" ;;
    *_test.c:*)
        file=$tests/${1%%:*} test=${1#*:}
        test -f "$file" && grep -q "^START_TEST($test)" "$file" &&
            grep -q "^ *$test,\|tcase_add.*[ (]$test[,)]\|EVERYWHERE(tests, $test)" "$file"
        ;;
    *) test -f "$tests/$1" ;;
    esac
}

# "number<TAB>tests<TAB>remark" for each row of the table
awk -F'|' '/^\| [0-9]/ {
    for (i = 2; i <= 6; i++) gsub(/^ +| +$/, "", $i)
    print $2 "\t" $5 "\t" $6
}' "$tests/incidents/incidents.md" > "$work/rows"

cut -f1 "$work/rows" > "$work/numbers"
seq 12 | cmp -s - "$work/numbers" || complain "the rows are not 1 to 12"
while IFS="$(printf '\t')" read -r number ours remark; do
    if [ "$ours" = "-" ]; then
        [ -n "$remark" ] || complain "$number has neither a test nor a reason"
        continue
    fi
    for name in $(echo "$ours" | tr ',' ' '); do
        exists "$name" || complain "$number: nothing runs by the name $name"
    done
done < "$work/rows"

awk -F'|' '/^\|/ && $2 !~ /^ (event|fault|rule) |^---/ {
    for (i = 2; i <= 4; i++) gsub(/^ +| +$/, "", $i)
    print $2 "\t" $3 "\t" $4
}' "$tests/incidents/semantics.md" > "$work/rows"
test -s "$work/rows" || complain "semantics.md is empty"
while IFS="$(printf '\t')" read -r rule ours remark; do
    if [ "$ours" = "-" ]; then
        [ -n "$remark" ] || complain "$rule has neither a test nor a reason"
        continue
    fi
    for name in $(echo "$ours" | tr ',' ' '); do
        exists "$name" || complain "$rule: nothing runs by the name $name"
    done
done < "$work/rows"

[ "$failed" = 0 ] && echo "12 incidents, $(wc -l < "$work/rows") sentences, all accounted for"
exit "$failed"
