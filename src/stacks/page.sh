#!/bin/sh
# SPDX-License-Identifier: MIT
#
# page.sh PAGE.html PAGE.css PAGE.js OUTPUT.c: a tool of the build, the three as one page and that as C text (page.h).
#
# The page names the hashes of its style and its script (Content-Security-Policy), so that no other text in it is ever run.
set -eu
html=$1 css=$2 js=$3 out=$4
part=$(mktemp -d)
trap 'rm -rf "$part"' EXIT

# Of what stands between the tags: a newline, then the file.
hash_of() { { echo; cat "$1"; } | sha256sum | cut -c 1-64 | tr a-f A-F | basenc --base16 -d | base64; }

# A line that is nothing but a word in @ stands for a file; words within lines for a hash or a place to cut at.
awk -v css="$css" -v js="$js" -v css_hash="$(hash_of "$css")" -v js_hash="$(hash_of "$js")" -v part="$part/" '
	function show(text) { printf "%s", text >(part n) }
	function show_file(path,  line) { while ((getline line <path) > 0) show(line "\n") }
	BEGIN { n = 0 }
	/^@CSS@$/ { show_file(css); next }
	/^@JS@$/ { show_file(js); next }
	{
		gsub(/@CSS_HASH@/, css_hash)
		gsub(/@JS_HASH@/, js_hash)
		line = $0 "\n"
		while (match(line, /@(TITLE|PROFILE)@/)) {
			show(substr(line, 1, RSTART - 1))
			line = substr(line, RSTART + RLENGTH)
			n++
		}
		show(line)
	}' "$html"

{
	echo '/* SPDX-License-Identifier: MIT */'
	echo '/* Written by page.sh. */'
	echo '#include "stacks/page.h"'
	for i in 0 1 2; do
		echo "static const char part$i[] = {"
		od -An -v -tu1 "$part/$i" | sed 's/ *\([0-9][0-9]*\)/\1,/g'
		echo '};'
	done
	echo 'const char *const ecli_stacks_page[ECLI_STACKS_PAGE_PARTS] = { part0, part1, part2 };'
	echo 'const size_t ecli_stacks_page_sizes[ECLI_STACKS_PAGE_PARTS] = { sizeof(part0), sizeof(part1), sizeof(part2) };'
} >"$out"
