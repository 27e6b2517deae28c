#!/bin/sh
# SPDX-License-Identifier: MIT
#
# A schema through its life with sngen.lock: what is reordered and renamed keeps its numbers, what is
# gone is never given again, two branches merge, and `diff` sees the numbers of each version.
#
# usage: lock.sh SNGEN
set -u
sngen=$(realpath "$1")
ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99
export ASAN_OPTIONS UBSAN_OPTIONS
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 3
bad=0

wrong() {
    echo "$step: $*"
    bad=$((bad + 1))
}

# exits CODE COMMAND...: runs sngen; what it said is in said.
exits() {
    code=$1
    shift
    "$sngen" "$@" >said 2>&1
    got=$?
    [ $got -eq "$code" ] || { wrong "sngen $*: exit $got, not $code"; cat said; }
}

# says TEXT, silent: what the last command said.
says() {
    grep -qF -- "$1" said || { wrong "not said: $1"; cat said; }
}
silent() {
    [ ! -s said ] || { wrong "it said:"; cat said; }
}

# locked LINE, unlocked LINE: what the lock holds.
locked() {
    grep -qxF "      $1" sngen.lock || { wrong "the lock lacks: $1"; }
}
unlocked() {
    ! grep -qF "      $1:" sngen.lock || { wrong "the lock has: $1"; }
}

# numbered NAME NUMBER: a constant of the generated header.
numbered() {
    grep -qE "^ *$1 = $2,\$" gen/bank.h || { wrong "$1 is not $2"; grep "$1" gen/bank.h; }
}

step="first"
cat >bank.yaml <<'YAML'
sngen: 1
package: bank
types:
  color: [red, green, blue]
  size: {width: u32, height: u32}
messages:
  deposit: {fields: {to: u64, amount: i64, tint: color}, reply: {balance: i64}, errors: [busy, late]}
  note: {fields: {to: u64, text: string(32), size: size}}
workers: {account: {retain: {balance: i64}, handles: [deposit, note]}}
pools: {accounts: {worker: account, size: 4, route: {by: hash, key: to}}}
main: {calls: [accounts]}
YAML
exits 0 check bank.yaml
silent
exits 1 lock --check bank.yaml
says "sngen.lock does not exist"
exits 0 generate -o before -MD bank.yaml
exits 0 lock bank.yaml
says "the package 'bank' is new"
exits 0 generate -o gen -MD bank.yaml
grep -q sngen.lock gen/bank.yaml.d || wrong "the lock is not in the depfile"
cmp -s before/bank.h gen/bank.h || wrong "the first lock changed the header"
exits 0 lock --check bank.yaml
silent
exits 0 check --strict bank.yaml
silent
locked "deposit.amount: 2"
cp sngen.lock first.lock
exits 0 lock bank.yaml
silent
cmp -s sngen.lock first.lock || wrong "locking twice is not locking once"
mkdir old && cp bank.yaml sngen.lock old

step="another order"
cat >bank.yaml <<'YAML'
sngen: 1
package: bank
types:
  size: {height: u32, width: u32}
  color: [blue, red, green]
messages:
  note: {fields: {size: size, text: string(32), to: u64}}
  deposit: {fields: {tint: color, amount: i64, to: u64}, reply: {balance: i64}, errors: [late, busy]}
workers: {account: {handles: [note, deposit], retain: {balance: i64}}}
pools: {accounts: {worker: account, size: 4, route: {by: hash, key: to}}}
main: {calls: [accounts]}
YAML
exits 0 lock --check bank.yaml
exits 0 generate -o gen bank.yaml
numbered BANK_COLOR_BLUE 2
numbered BANK_COLOR_RED 0
numbered BANK_BUSY 1000
exits 0 diff old bank.yaml
silent
exits 1 diff --allow api old/bank.yaml - <bank.yaml
says "only the old version has a sngen.lock"
says "'note' was number 2 and is number 1"

step="renamed"
cat >bank.yaml <<'YAML'
sngen: 1
package: bank
types:
  extent: {was: size, height: u32, width: u32}
  hue: {was: color, enum: [blue, red, {lime: {was: green}}]}
messages:
  memo: {was: note, fields: {size: extent, text: string(32), to: u64}}
  deposit:
    fields: {tint: hue, sum: {type: i64, was: amount}, to: u64}
    reply: {balance: i64}
    errors: [{slow: {was: late}}, busy]
workers: {vault: {was: account, handles: [memo, deposit], retain: {balance: i64}}}
pools: {accounts: {worker: vault, size: 4, route: {by: hash, key: to}}}
main: {calls: [accounts]}
YAML
exits 0 check bank.yaml
says "sngen.lock is out of date"
exits 1 lock --check bank.yaml
says "the message 'note' is 'memo' now"
says "the field 'deposit.amount' is 'deposit.sum' now"
exits 0 generate -o gen bank.yaml
numbered BANK_HUE_LIME 1
numbered BANK_SLOW 1001
exits 1 diff old bank.yaml
says "'amount' is called 'sum' now [api]"
exits 0 diff --allow api old bank.yaml
exits 0 lock bank.yaml
exits 0 lock --check bank.yaml
locked "memo: 2"
locked "memo.text: 2"
locked "deposit.sum: 2"
locked "extent.height: 2"
locked "vault.balance: 1"
locked "hue.lime: 1"
unlocked color.red
locked "slow: 1001"
unlocked note
unlocked deposit.amount
! grep -q retired sngen.lock || wrong "a renaming retired something"
exits 0 diff --allow api old bank.yaml
sed -i 's/was: [a-z]*, //; s/{type: i64, was: amount}/i64/; s/{lime: {was: green}}/lime/
    s/{slow: {was: late}}/slow/' bank.yaml
! grep -q was: bank.yaml || wrong "a was: is left"
exits 0 lock --check bank.yaml
silent

step="gone"
sed -i 's/sum: i64, //; s/, slow//; s/\[slow, /[/; s/, lime//; s/, text: string(32)//' bank.yaml
exits 1 lock --check bank.yaml
says "says \`was: sum\`"
exits 0 lock bank.yaml
says "+ fields deposit.sum: retired 2"
locked "hue.lime: retired 1"
locked "slow: retired 1001"
exits 0 generate -o gen bank.yaml
grep -q "bank_hue_check" gen/bank.sn.c || wrong "an enum with gaps is compared with its last value"

step="again"
sed -i 's/tint: hue/tint: hue, sum: f64, more: u8/; s/\[busy\]/[busy, slow]/; s/red/red, lime/' bank.yaml
exits 0 lock bank.yaml
locked "deposit.sum: 4 retired 2"
locked "deposit.more: 5"
locked "slow: 1002 retired 1001"
locked "hue.lime: 3 retired 1"

step="moved errors"
sed -i 's/^package: bank/package: bank\nerrors_from: 2000/' bank.yaml
exits 0 lock bank.yaml
locked "busy: 2000 retired 1000"

step="two schemas in a folder"
printf 'sngen: 1\npackage: audit\nworkers: {w: {handles: {go: {}}}}\nmain: {calls: [w]}\n' >audit.yaml
exits 0 check audit.yaml
says "sngen.lock has nothing of the package 'audit'"
exits 0 lock audit.yaml
exits 0 lock --check audit.yaml bank.yaml
silent
locked "go: 1"
locked "deposit.sum: 4 retired 2"

step="edited"
sed 's/^      go: 1/      go:   1/' sngen.lock >edited && cp edited sngen.lock
exits 0 check audit.yaml
silent
exits 1 lock --check audit.yaml
says "not as \`sngen lock\` writes it"
exits 0 lock audit.yaml
exits 0 lock --check audit.yaml

step="the .proto"
mkdir wire && cd wire || exit 3
printf 'sngen: 1\npackage: w\ntypes: {k: [p, q]}\nmessages: {m: {wire: true, fields: {a: u8, b: u8, d: k}, reply: {e: u8, f: u8}}}\n' >w.yaml
printf 'workers: {x: {handles: [m]}}\nmain: {calls: [x]}\n' >>w.yaml
exits 0 lock w.yaml
sed -i 's/b: u8, //; s/e: u8, //; s/p, q/q/' w.yaml
exits 0 lock w.yaml
exits 0 generate -o gen w.yaml
[ "$(grep -c '^  reserved [012];$' gen/w.proto)" = 3 ] || wrong "retired numbers are not reserved"
cd .. || exit 3

step="two branches"
cp sngen.lock common.lock
cp bank.yaml common.yaml
sed -i 's/more: u8/more: u8, left: u8/' bank.yaml && exits 0 lock bank.yaml
cp sngen.lock left.lock
cp common.lock sngen.lock
sed 's/more: u8/more: u8, right: u16/' common.yaml >bank.yaml && exits 0 lock bank.yaml
cp sngen.lock right.lock
sed 's/more: u8/more: u8, left: u8, right: u16/' common.yaml >bank.yaml
sed 's/^      deposit.more: 5/&\n      deposit.left: 6\n      deposit.right: 6/' common.lock >sngen.lock
exits 1 check bank.yaml
says "the number 6 is given to 'deposit.left' and to 'deposit.right'"
sed -i '/deposit.right/d' sngen.lock
exits 0 lock bank.yaml
locked "deposit.left: 6"
locked "deposit.right: 7"

step="folders"
mkdir new && cp bank.yaml audit.yaml sngen.lock new && printf 'services: {}\n' >new/compose.yaml
exits 1 diff old new
says "the package 'audit' is new"
says "break: the message 'note' is gone [wire, api]"
exits 1 diff --format=json old new
says '"verdict": "compatible"'
exits 0 diff new new
silent
exits 0 diff --allow wire,api --allow policy,edge,snapshot --allow partition old new
exits 3 diff before new
says "has no schema"
exits 3 diff old/bank.yaml before

step="what is allowed"
exits 1 diff --allow wire:deposit,api old new
says "allowed: the message 'deposit': 'amount' is gone"
says "break: the message 'note' is gone"
exits 2 diff --allow wire: old new
exits 2 diff --allow colour old new

step="another package"
mkdir vault && cp bank.yaml audit.yaml sngen.lock vault && cd vault || exit 3
mkdir old && cp bank.yaml audit.yaml sngen.lock old
sed -i 's/^package: bank/package: vault\nwas: bank/' bank.yaml
exits 1 lock --check bank.yaml
says "the package 'bank' is 'vault' now"
exits 0 generate -o ../gen bank.yaml
grep -q "VAULT_BUSY = 2000" ../gen/vault.h || wrong "a renamed package has other numbers"
exits 0 lock bank.yaml
says "the package 'bank' is 'vault' now"
! grep -q '  bank:' sngen.lock || wrong "the lock has the package under its former name"
exits 0 lock --check bank.yaml audit.yaml
silent
exits 1 diff old .
says "the package 'bank' is called 'vault' now [wire, api]"
[ "$(wc -l <said)" = 1 ] || { wrong "a renamed package changed more than its name"; cat said; }
exits 0 diff --allow wire:bank,api:bank old .
sed -i '/^was: bank/d' bank.yaml
exits 0 lock --check bank.yaml
cp old/sngen.lock .
exits 0 lock bank.yaml
says "say \`was: bank\`"
cd .. || exit 3

step="the command line"
exits 2 lock
exits 2 lock -
exits 3 lock nowhere.yaml
exits 1 lock edited
[ $bad -eq 0 ] && echo "all right"
[ $bad -eq 0 ]
