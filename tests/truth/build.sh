#!/bin/sh
# SPDX-License-Identifier: MIT
#
#     build.sh OUT [FLAG...]
#
# Compiles the workloads: OUT/truth_NAME for each NAME.c. With -static they run in the test machines.
set -eu
out=$1
shift
cd "$(dirname "$0")"
mkdir -p "$out"
for source in *.c; do
	"${CC:-cc}" -std=gnu17 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror -fno-omit-frame-pointer "$@" -o "$out/truth_${source%.c}" "$source" -pthread
done
