#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: build.sh OUT_DIR        builds OUT_DIR/erlang-peer; needs erlang-base
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
erlc +inline -o "$out" "$here"/*.erl
cp "$here/erlang-peer.sh" "$out/erlang-peer"
chmod +x "$out/erlang-peer"
