#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: erlang-peer --list | --row NAME [--runs N] [--quick]
# The number of schedulers is an option of the virtual machine, so the row's name decides it here.
# The busy wait of idle schedulers is left at its default: +sbwt very_long measured slower here.
# +P allows a million processes; one thread each is enough for files and dirty work.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
schedulers=1
case "$*" in
*cross-shard*) schedulers=2 ;;
esac
export ERL_CRASH_DUMP=/dev/null
exec erl -noshell -noinput -pa "$here" +S "$schedulers:$schedulers" +SDcpu 1:1 +SDio 1 +A 1 \
    +P 2000000 -run sn_peer main -extra "$@"
