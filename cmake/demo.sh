#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Builds the release and counts the words of the files given, or else of the texts that this machine
# happens to have; then checks the result against the usual shell pipeline and prints both times.
#
#   sh cmake/demo.sh [FILE...]
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
out=$top/build/demo
wordcount=$top/build/release/examples/wordcount/wordcount
export LC_ALL=C

# The first 32 MiB of licences, documents and Perl's modules, whose half is prose.
collect_texts() {
    find /usr/share/common-licenses /usr/share/doc /usr/share/perl \
        -type f ! -name '*.gz' ! -name '*.html' -print0 2>/dev/null |
        sort -z | xargs -0 cat 2>/dev/null | head -c 33554432 >"$out/texts" || true
}

pipeline() {
    cat -- "$@" | tr -cs 'A-Za-z' '\n' | tr A-Z a-z | sed '/^$/d' |
        sort | uniq -c | sort -k1,1nr -k2,2 | sed 's/^ *//'
}

# timed <seconds file> <result file> <command>...
timed() {
    seconds=$1
    result=$2
    shift 2
    begin=$(date +%s%N)
    "$@" >"$result"
    echo "$begin $(date +%s%N)" | awk '{ printf "%.2f", ($2 - $1) / 1e9 }' >"$seconds"
}

(
    cd "$top"
    sh cmake/deps.sh build
    mkdir -p "$out"
    cmake --preset release >"$out/build.log" &&
        cmake --build --preset release --target wordcount >>"$out/build.log"
) || {
    cat "$out/build.log" >&2
    exit 1
}

if [ $# -eq 0 ]; then
    collect_texts
    set -- "$out/texts"
fi

timed "$out/sn.seconds" "$out/sn" "$wordcount" --top 0 -- "$@"
timed "$out/pipeline.seconds" "$out/pipeline" pipeline "$@"

echo "The ten most frequent of $(wc -l <"$out/sn") words in $(cat -- "$@" | wc -c) bytes:"
head -n 10 "$out/sn"
echo
if ! cmp -s "$out/sn" "$out/pipeline"; then
    echo "demo.sh: wordcount and the pipeline disagree; see $out/sn and $out/pipeline" >&2
    exit 1
fi
echo "The same as tr | sort | uniq -c gives, line by line."
echo "wordcount $(cat "$out/sn.seconds") s, pipeline $(cat "$out/pipeline.seconds") s"
