#!/bin/sh
# SPDX-License-Identifier: MIT
# new.sh SNGEN CC INCLUDE LIBRARY
#
# What `sngen new` writes builds without a warning, its unit test passes, fails when the handler is
# wrong, and the program adds up numbers. LIBRARY: libsn.so.
set -eu
sngen=$1 cc=$2 include=$3 library=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

build() {
    # CFLAGS: those of a sanitizer, if there are any.
    # shellcheck disable=SC2086
    "$cc" -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror ${CFLAGS-} -I"$include" \
        -Igenerated "$1.c" counter.c generated/abacus.sn.c "$library" \
        -Wl,-rpath,"$(dirname "$library")" -o "$1"
}

"$sngen" new abacus >log
cd abacus
"$sngen" generate --with-tests -o generated abacus.yaml
build test_counter
build main
./test_counter
[ "$(./main 1 2 39)" = 42 ]
sed -i 's/self->sum += message->amount/self->sum -= message->amount/' counter.c
build test_counter
if ./test_counter 2>log; then
    echo "the unit test passes although the handler is wrong" >&2
    exit 1
fi
grep -q 'expected 5050, got -5050' log
