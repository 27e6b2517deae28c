#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Measures sn beside its peers, in turns and on the same cores, and writes what came out.
#
#   sh tests/bench/compare.sh [--rounds N] [--filter GLOB] [--peers "caf go ..."] [--quick]
#                             [--out DIR] [--no-install]
#
# Installs what is missing (Debian packages, as root), builds sn in build/release and the peers in
# build/peers, and writes results.json, results.md and results.svg into DIR (build/compare). A peer
# that cannot be built is left out with a note. About ten minutes with the default of 5 rounds.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
out=$top/build/compare
rounds=5
filter='*'
peers="caf erlang go rust"
quick=
install=yes

usage() {
    sed -n '3,/^set/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=--quick ;;
    --no-install) install= ;;
    --rounds | --filter | --peers | --out)
        [ $# -ge 2 ] || usage
        case $1 in
        --rounds) rounds=$2 ;;
        --filter) filter=$2 ;;
        --peers) peers=$2 ;;
        --out) out=$2 ;;
        esac
        shift
        ;;
    *) usage ;;
    esac
    shift
done

packages_of() {
    case $1 in
    tools) echo python3 util-linux ;;
    caf) echo g++ libcaf-dev ;;
    erlang) echo erlang-base ;;
    go) echo golang-go ;;
    rust)
        echo cargo rustc librust-tokio-dev librust-crossbeam-channel-dev librust-flume-dev \
            librust-rayon-dev
        ;;
    *)
        echo "compare.sh: no such peer: $1 (there are: caf erlang go rust)" >&2
        exit 2
        ;;
    esac
}

install_missing() {
    missing=
    for group in tools $peers; do
        for package in $(packages_of "$group"); do
            case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
            installed*) ;;
            *) missing="$missing $package" ;;
            esac
        done
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "compare.sh: missing packages; as root: apt-get install$missing" >&2
        return 0
    fi
    echo "compare.sh: installing$missing"
    DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update
    DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 install -y \
        --no-install-recommends $missing
}

# A log a build, shown only when the build fails.
build() {
    name=$1
    shift
    echo "compare.sh: building $name"
    "$@" >"$out/build-$name.log" 2>&1 || {
        tail -n 20 "$out/build-$name.log" >&2
        return 1
    }
}

build_sn() {
    cmake --preset release -DSN_BUILD_BENCH=ON && cmake --build --preset release --target sn-bench
}

mkdir -p "$out"
out=$(cd "$out" && pwd)
for peer in $peers; do
    packages_of "$peer" >/dev/null
done
if [ -n "$install" ] && command -v dpkg-query >/dev/null; then
    sh "$top/cmake/deps.sh" build
    install_missing
fi
cd "$top"
build sn build_sn
built=
for peer in $peers; do
    if build "$peer" sh "$here/peers/$peer/build.sh" "$top/build/peers/$peer"; then
        built="$built $peer"
    else
        echo "compare.sh: $peer could not be built and is left out" >&2
    fi
done
python3 "$here/compare.py" --sn "$top/build/release/tests/bench/sn-bench" \
    --peers-dir "$top/build/peers" --peers "$built" --rounds "$rounds" --filter "$filter" \
    --out "$out/results.json" $quick
python3 "$here/render.py" "$out/results.json" "$out/results.md" "$out/results.svg"
echo "compare.sh: wrote $out/results.md, results.json and results.svg"
