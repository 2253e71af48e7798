#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# build.sh OUT [ECC]: compiles every lesson into OUT/NN-name/NAME/package.json, with its header where it has one. Prints what
# clang or ecc had to say; status 1 when one did not compile.
set -uo pipefail
out=$1 ecc=${2:-$ECC}
here=$(cd "$(dirname "$0")" && pwd)
status=0
for source in "$here"/[0-9]*/*.bpf.c; do
	name=$(basename "$source" .bpf.c)
	lesson=$(basename "$(dirname "$source")")
	header=${source%.bpf.c}.h
	[ -f "$header" ] || header=
	"$ecc" -o "$out/$lesson/$name" "$source" ${header:+"$header"} >/dev/null || { echo "$lesson/$name does not compile" >&2; status=1; }
done
exit $status
