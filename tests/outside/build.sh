#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Builds the outside project in the way `how` and lives with it for a while: edits the schema, then
# the imported one, then the lock, breaks an edge, drops a handler. Every build has to show the effect at once.
#
#   build.sh package|subdirectory|make <CMake generator> <work folder> <prefix or sn's source tree>
set -eu
how=$1
generator=$2
work=$3
sn=$4
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "build.sh: $*" >&2
    cat log >&2
    exit 1
}

configure() {
    case $how in
    package) cmake -G "$generator" -S . -B build "-DCMAKE_PREFIX_PATH=$sn" ;;
    subdirectory) cmake -G "$generator" -S . -B build "-DSN_SOURCE=$sn" ;;
    make)
        PKG_CONFIG_PATH=$(dirname "$(find "$sn" -name sn.pc)")
        LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")
        export PKG_CONFIG_PATH LD_LIBRARY_PATH
        ;;
    esac
}

build() {
    case $how in
    make) make >log 2>&1 ;;
    *) cmake --build build -j 2 >log 2>&1 ;;
    esac
}

# expect <number>: the project builds, and both programs count to it.
expect() {
    build || fail "the build failed"
    for app in app_runtime app_runtime_static; do
        for path in build/$app ./$app; do
            [ ! -x "$path" ] || counted=$("$path")
        done
        [ "$counted" = "$1" ] || fail "$app counted to '$counted' instead of $1"
    done
}

# refuse <text>: the build fails and its output says why.
refuse() {
    ! build || fail "built, although it should have failed with '$1'"
    grep -q "$1" log || fail "the build's output does not say '$1'"
}

# idle: building again compiles nothing.
idle() {
    build || fail "the second build failed"
    ! grep -Eq 'main\.c|\.sn\.c' log || fail "nothing has changed, but the second build compiled"
}

# edit <file> <sed expression>
edit() {
    sed "$2" "$1" >edited
    ! cmp -s edited "$1" || fail "the edit '$2' does not apply to $1"
    cat edited >"$1"
}

rm -rf "$work"
mkdir -p "$work"
cp "$here"/app/* "$here/$how"/* "$work"
cd "$work"
configure >log 2>&1 || fail "configuring failed"

expect 10
idle
edit tally.yaml 's/rounds: 10/rounds: 20/'
expect 20
edit units.yaml 's/step: 1/step: 3/'
expect 60
idle
cat >sngen.lock <<'LOCK'
sngen_lock: 1
packages:
  tally:
    messages:
      add: 7
LOCK
edit tally.yaml 's/rounds: 20/rounds: 30/'
expect 90
idle
edit sngen.lock 's/add: 7/add: seven/'
refuse 'sngen.lock:5:[0-9]*: error: '
edit sngen.lock 's/add: seven/add: 8/'
edit tally.yaml 's/rounds: 30/rounds: 20/'
expect 60
edit tally.yaml 's/amount: i32/quantity: i32/'
refuse amount
edit tally.yaml 's/quantity: i32/amount: i32/'
expect 60
edit tally.yaml 's/^ *add: /      extra: {}\n&/'
refuse tally_counter_on_extra
edit tally.yaml '/extra: /d'
expect 60
edit tally.yaml 's/counter:/counter: [/'
refuse 'tally.yaml:[0-9]*:[0-9]*: error: '

if [ "$how" = subdirectory ]; then
    ctest --test-dir build -N | grep -q 'Total Tests: 0' || fail "sn's tests leak"
    ! grep -q Wpedantic build/compile_commands.json || fail "sn's warning flags leak"
fi
