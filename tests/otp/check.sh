#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Whether cases.md is complete: every case of supervisor_suite.txt has one row and no other case
# has; a row names tests that exist and run, or says why there is none.
#
# usage: check.sh DIRECTORY_OF_THIS_SCRIPT DIRECTORY_OF_TESTS...

set -eu
here=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

complain()
{
    echo "cases.md: $1" >&2
    failed=1
}

# "case<TAB>tests<TAB>remark" for each row of the tables
awk -F'|' '/^\|/ && $2 !~ /^ OTP case |^---/ {
    for (i = 2; i <= 4; i++) gsub(/^ +| +$/, "", $i)
    print $2 "\t" $3 "\t" $4
}' "$here/cases.md" > "$work/rows"

cut -f1 "$work/rows" | sort > "$work/table"
sort "$here/supervisor_suite.txt" > "$work/suite"
test -s "$work/suite" || complain "the list of cases is empty"
for name in $(comm -23 "$work/suite" "$work/table"); do complain "no row for $name"; done
for name in $(comm -13 "$work/suite" "$work/table"); do complain "$name is no case, or twice"; done

# A test exists if it is defined, and runs if it is also listed in its file.
find "$@" -name '*_test.c' | while read -r file; do
    sed -n 's/^START_TEST(\(.*\))$/\1/p' "$file" | while read -r name; do
        grep -q "^ *$name,\|\(tcase_add\|EVERYWHERE\).*[ (]$name[,)]" "$file" && echo "$name"
    done
done | sort > "$work/running"

while IFS="$(printf '\t')" read -r name ours remark; do
    if [ "$ours" = "-" ]; then
        [ -n "$remark" ] || complain "$name has neither a test nor a reason"
        continue
    fi
    for test in $(echo "$ours" | tr ',' ' '); do
        grep -qx "$test" "$work/running" || complain "$name: no running test $test"
    done
done < "$work/rows"

[ "$failed" = 0 ] && echo "$(wc -l < "$work/suite") cases, all accounted for"
exit "$failed"
