#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: build.sh OUT_DIR        builds OUT_DIR/go-peer; needs golang-go
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
cd "$here"
GOFLAGS=-mod=mod GOPROXY=off GOCACHE="$out/go-cache" go build -o "$out/go-peer" .
