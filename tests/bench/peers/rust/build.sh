#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: build.sh OUT_DIR        builds OUT_DIR/rust-peer without a network, from Debian's crates
# (librust-*-dev put them under /usr/share/cargo/registry, which cargo reads as a directory source).
# A CARGO_HOME of its own keeps the user's cargo settings out, and Debian's compiler is taken where
# it is installed, because Debian's crates are tested with it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/rust"
out=$(cd "$1/rust" && pwd)
rm -rf "$out/peer"
mkdir -p "$out/home" "$out/peer"
cp -R "$here/Cargo.toml" "$here/src" "$out/peer/"
cat > "$out/home/config.toml" <<'END'
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "/usr/share/cargo/registry"
END
cargo=cargo
if [ -x /usr/bin/cargo ] && [ -x /usr/bin/rustc ]; then
    cargo=/usr/bin/cargo
    export RUSTC=/usr/bin/rustc
fi
cd "$out/peer"
CARGO_HOME="$out/home" CARGO_TARGET_DIR="$out/target" "$cargo" build --release --offline
cp "$out/target/release/rust-peer" "$out/../rust-peer"
