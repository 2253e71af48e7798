#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# btf_of.sh IMAGE OUTPUT: takes the BTF out of a kernel image (bzImage, or an arm64 Image), without a debugging package. The image is
# unpacked by whatever program knows the stream that begins at a known magic; BTF is then found by its own header, whose lengths say
# where it ends. Format: Documentation/bpf/btf.rst of the Linux kernel.
set -euo pipefail
export LC_ALL=C
image=$1 output=$2
plain=$(mktemp "${TMPDIR:-/tmp}/ecli-btf.XXXXXX")
trap 'rm -f "$plain"' EXIT

positions() { # PATTERN FILE
	{ grep -obUaP "$1" "$2" || true; } | cut -d: -f1
}

word_at() { od -An -tu4 -j "$1" -N 4 "$2" | tr -d ' '; } # OFFSET FILE, little-endian

take_btf() { # FILE: the first BTF of more than a megabyte
	local at size
	for at in $(positions '\x9f\xeb\x01\x00\x18\x00\x00\x00\x00\x00\x00\x00' "$1"); do
		size=$((24 + $(word_at $((at + 16)) "$1") + $(word_at $((at + 20)) "$1")))
		[ "$size" -gt 1000000 ] || continue
		tail -c "+$((at + 1))" "$1" | head -c "$size" >"$output"
		[ "$(stat -c %s "$output")" = "$size" ] && return 0
	done
	return 1
}

take_btf "$image" && exit 0
while read -r magic command; do
	for at in $(positions "$magic" "$image" | head -n 8); do
		# What follows the stream is no part of it: the complaint about that is none.
		{ tail -c "+$((at + 1))" "$image" | $command; } >"$plain" 2>/dev/null || true
		[ "$(stat -c %s "$plain")" -gt 4000000 ] && take_btf "$plain" && exit 0
	done
done <<'LIST'
\xfd7zXZ\x00 xz -dc --single-stream
\x28\xb5\x2f\xfd zstd -qdc
\x1f\x8b\x08 gzip -dc
\x02\x21\x4c\x18 lz4 -dc
LIST
echo "btf_of.sh: found no BTF in $image" >&2
exit 1
