#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Verifies a model, and that each weakening that its head lists has a counterexample:
#
#     run.sh MODEL.pml FOLDER
#
# In FOLDER are the verifiers and, of what fails unexpectedly, the output.
set -eu

model=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
folder=$2
name=$(basename "$model" .pml)
mkdir -p "$folder"

# verify VARIANT [OPTION]: the number of errors that spin finds.
verify() {
    work="$folder/$name-$1"
    rm -rf "$work"
    mkdir "$work"
    (
        cd "$work"
        cp "$(dirname "$model")"/*.inc.pml .
        spin -a ${2-} "$model" >spin.log
        ${CC:-cc} -O1 -w -DSAFETY -DVECTORSZ=2048 -o pan pan.c
        ./pan -m200000 -w22 >pan.log 2>&1
    ) || { cat "$work"/*.log; return 1; }
    if grep -q 'search not completed\|max search depth too small' "$work/pan.log" &&
        grep -q 'errors: 0' "$work/pan.log"; then
        cat "$work/pan.log"
        return 1
    fi
    sed -n 's/.*errors: \([0-9]*\).*/\1/p' "$work/pan.log"
}

errors=$(verify faithful)
if [ "$errors" != 0 ]; then
    cat "$folder/$name-faithful/pan.log"
    echo "$name: the faithful model has a counterexample: spin -t -p in $folder/$name-faithful"
    exit 1
fi
echo "$name: verified, $(sed -n 's/ *\([0-9]*\) states, stored.*/\1 states/p' \
    "$folder/$name-faithful/pan.log" | head -1)"

weak=$(sed -n 's/^ \* WEAKEN \([A-Z0-9_]*\):.*/\1/p' "$model")
test -n "$weak"
for variant in $weak; do
    errors=$(verify "$variant" "-D$variant")
    if [ "$errors" = 0 ]; then
        echo "$name: $variant has no counterexample"
        exit 1
    fi
    echo "$name: $variant has a counterexample"
done
