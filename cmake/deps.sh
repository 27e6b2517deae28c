#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Installs the Debian packages that are missing and says which; asks nothing and does nothing when
# all are there.
#
#   sh cmake/deps.sh          what building and testing needs
#   sh cmake/deps.sh build    what building needs
set -eu

build="gcc libc6-dev cmake ninja-build pkg-config
    libck-dev libhwloc-dev liburing-dev libdw-dev libprotobuf-c-dev libxxhash-dev libyaml-dev check"
test="clang libclang-rt-dev clang-format clang-tidy g++ gcovr make
    graphviz spin python3 python3-jsonschema python3-yaml protobuf-compiler python3-protobuf"

case "${1-all}" in
build) wanted=$build ;;
all) wanted="$build $test" ;;
*)
    echo "usage: deps.sh [build]" >&2
    exit 2
    ;;
esac

if ! command -v dpkg-query >/dev/null; then
    echo "deps.sh: this is not Debian; please see to these packages yourself:" $wanted >&2
    exit 0
fi

missing=
for package in $wanted; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
    installed*) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "deps.sh: missing packages; as root: apt-get install$missing" >&2
    exit 1
fi
echo "deps.sh: installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing
