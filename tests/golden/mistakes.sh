#!/bin/sh
# SPDX-License-Identifier: MIT
# mistakes.sh SNGEN CC SCHEMAS INCLUDE
#
# What a user's mistakes look like: each must be an error that names the function. And what
# `sngen stubs` says on the way from an empty folder to a finished one.
set -eu
sngen=$1 cc=$2 schemas=$3 include=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() {
    echo "mistakes.sh: $1" >&2
    cat log >&2
    exit 1
}

compile() {
    "$cc" -std=c11 -Wall -Wextra -Werror=implicit-function-declaration \
        -Werror=incompatible-pointer-types -I"$include" -Igenerated -c "$@" >log 2>&1
}

# expect_error PATTERN SOURCE
expect_error() {
    if compile "$2" -o out.o; then
        fail "no error in $2"
    fi
    grep -q "$1" log || fail "the error in $2 does not say: $1"
}

"$sngen" generate -o generated "$schemas/counter.yaml"

# The stubs of a new program compile, and are the whole program.
"$sngen" stubs -o . "$schemas/counter.yaml" >log
[ -f counter.c ] || fail "stubs wrote no counter.c"
compile counter.c -o counter.o || fail "the stubs do not compile"
"$sngen" stubs -o . "$schemas/counter.yaml" >log
[ ! -s log ] || fail "stubs has something to say about a finished program"

# Generated code in the same folder is not mistaken for handlers.
mkdir both
"$sngen" generate -o both "$schemas/counter.yaml"
"$sngen" stubs -o both "$schemas/counter.yaml" >log
[ -f both/counter.c ] || fail "stubs takes the generated unit for the user's"

# A handler that is missing: stubs gives its body, the linker names it.
cp counter.c finished.c.txt
sed '/tally_counter_on_total/,$d' finished.c.txt >counter.c
echo 'int tally_counter_on_gone(struct tally_counter *self) { (void)self; return 0; }' >>counter.c
cp counter.c before.c.txt
"$sngen" stubs -o . "$schemas/counter.yaml" >log
cmp counter.c before.c.txt || fail "stubs has changed a file of the user"
grep -q '^int tally_counter_on_total(' log || fail "stubs does not give the missing body"
grep -q 'No longer declared: tally_counter_on_gone()' log || fail "stubs does not see the old one"
compile counter.c -o counter.o || fail "counter.c does not compile"
compile generated/counter.sn.c -o generated.o || fail "counter.sn.c does not compile"
echo 'int main(void) { return 0; }' >main.c
compile main.c -o main.o || fail "main.c"
if "$cc" main.o counter.o generated.o -o program >log 2>&1; then
    fail "a program without a handler links"
fi
grep -q 'tally_counter_on_total' log || fail "the linker does not name the missing handler"

# An edge that the schema does not declare; a message of another type; a changed signature.
cat >edge.c <<'C'
#include "tally_counter.h"
int use(struct tally_counter *self);
int use(struct tally_counter *self) { return tally_counter_send_disk_put(self); }
C
expect_error tally_counter_send_disk_put edge.c
cat >type.c <<'C'
#include "tally.h"
int use(struct tally *app, const struct tally_total_reply *reply);
int use(struct tally *app, const struct tally_total_reply *reply)
{
    return tally_send_counter_add(app, reply);
}
C
expect_error tally_send_counter_add type.c
cat >signature.c <<'C'
#include "tally_counter.h"
int tally_counter_on_add(struct tally_counter *self) { (void)self; return 0; }
C
expect_error tally_counter_on_add signature.c

# State of variable size can not be changed past its setter.
"$sngen" generate -o generated "$schemas/bank.yaml"
cat >const.c <<'C'
#include "bank_account.h"
int use(struct bank_account *self, const struct bank_rename *message);
int use(struct bank_account *self, const struct bank_rename *message)
{
    self->owner = message->owner;
    return 0;
}
C
expect_error owner const.c
