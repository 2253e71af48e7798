#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the image does when it is run.
#
#   (nothing)            compile every *.bpf.c in /src, each with NAME.h when there is one
#   ecc ... | ecli ...   that program
#   anything else        the arguments of ecc
#
# One source leaves /src/package.json; several leave /src/NAME/package.json each, the layout `ecli run NAME` looks for. The
# status is 1 when one did not compile; the others are compiled all the same. Files belong to the owner of /src.
set -u

case "${1:-}" in
'') ;;
ecc | ecli) exec "$@" ;;
*) exec ecc "$@" ;;
esac

cd /src || exit 1
set -- *.bpf.c
if [ ! -f "$1" ]; then
	echo "no *.bpf.c in /src; mount a folder with sources there: docker run -it -v \"\$(pwd)\":/src IMAGE" >&2
	exit 2
fi

failed=0
for source in "$@"; do
	name=${source%.bpf.c}
	output=.
	[ $# = 1 ] || output=$name
	echo "$source:"
	header=
	[ -f "$name.h" ] && header=$name.h
	made=
	[ -d "$output" ] || { mkdir "$output" && made=1; }
	if ecc -o "$output" "$source" ${header:+"$header"}; then
		chown --reference=. "$output/package.json" 2>/dev/null
		[ -z "$made" ] || chown --reference=. "$output" 2>/dev/null
	else
		[ -z "$made" ] || rmdir "$output" 2>/dev/null
		echo "$source: not compiled" >&2
		failed=$((failed + 1))
	fi
done
[ $failed = 0 ] || { echo "$failed of $# sources did not compile" >&2; exit 1; }
