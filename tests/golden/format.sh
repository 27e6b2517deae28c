#!/bin/sh
# SPDX-License-Identifier: MIT
# format.sh STYLE FOLDER...
#
# Generated code is what clang-format would make of it. 77: there is no clang-format 14.
set -eu
style=$1
shift
for name in clang-format-14 clang-format; do
    if command -v "$name" >/dev/null && "$name" --version | grep -q 'version 14\.'; then
        format=$name
        break
    fi
done
[ -n "${format-}" ] || exit 77
for folder; do
    "$format" --style="file:$style" --dry-run -Werror "$folder"/*.c "$folder"/*.h
done
