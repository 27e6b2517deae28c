#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What `sngen check --budget` says against what the runtime takes: budget.sh SNGEN SCHEMA PROGRAM
set -eu
bound=$("$1" check --budget "$2" | sed -n 's/^all together *//p')
exec "$3" "$bound"
