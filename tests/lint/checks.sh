# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# The rules of CONTRIBUTING.md and ARCHITECTURE.md as functions. Each runs in the top of a tree, takes the files to look at
# as $files (paths from there, one a line), prints `file:line: what is wrong` and returns 1 when it found something.
# They know nothing of this repository beyond its folder names, so that run.sh can show each a bad file and see it refuse.

only() { printf '%s\n' "$files" | grep -E "$1" | grep -vE "${2:-^$}"; }

kernel_c='\.bpf\.[ch]$|^tools/.*\.h$|/prelude/'

check_layers() {
	local list
	list=$(only '^(src|include|cli)/.*\.[ch]$' "$kernel_c")
	[ -z "$list" ] || awk -f "$lint/layers.awk" "$lint/layers.txt" $list
}

check_licence() {
	local list
	list=$(only '\.([ch]|sh|awk|jq)$|(^|/)(Makefile|Containerfile)$|^\.ci/run$')
	[ -z "$list" ] || awk -v kernel_c="${kernel_c//\\/\\\\}" '
		function judge() { if (file != "" && !found) { printf "%s:1: the file must begin with SPDX-License-Identifier: %s\n", file, want; bad = 1 } }
		FNR == 1 {
			judge()
			file = FILENAME; seen[file] = 1; found = 0; want = "MIT"
			if (file ~ kernel_c) want = "GPL-2.0-only OR BSD-2-Clause"
			if (file ~ /^tests\/.*\.h$/) want = "(MIT|GPL-2.0-only OR BSD-2-Clause)" # a header of a test may serve both sides
		}
		$0 ~ "SPDX-License-Identifier: " want { found = 1 }
		FNR == 2 { nextfile }
		END {
			judge()
			for (i = 1; i < ARGC; i++) if (!(ARGV[i] in seen)) { print ARGV[i] ":1: the file is empty"; bad = 1 }
			exit bad
		}' $list
}

# A source begins with what it is for: at least two lines of text before the first line of code.
check_essay() {
	local list
	list=$(only '^(src|cli)/.*\.c$' "$kernel_c")
	[ -z "$list" ] || awk '
		function judge() { if (file != "" && lines < 2) { printf "%s:2: the comment at the head has %d lines of text; say what the file is for\n", file, lines; bad = 1 } }
		FNR == 1 { judge(); file = FILENAME; lines = 0; done = 0; next }
		done { next }
		/^[ \t]*$/ { next }
		/^(\/\*| \*|\/\/)/ { text = $0; gsub(/^(\/\*+| \*+\/?|\/\/)|\*+\/$/, "", text); if (text ~ /[a-z]/) lines++; next }
		{ done = 1 }
		END { judge(); exit bad }' $list
}

check_format() {
	local list
	list=$(only '^(src|cli|include|tests|bench|tools)/.*\.[ch]$' '/prelude/|^tests/golden/')
	[ -z "$list" ] || clang-format-14 --dry-run -Werror --ferror-limit=20 $list 2>&1
}

check_words() { # Work that is not finished is not landed.
	local list pattern='\b(TO''DO|FIX''ME|X''XX|HA''CK)\b'
	list=$(only . '\.(json|btf|o|gz)$')
	[ -z "$list" ] || ! grep -HnEI "$pattern" $list
}

check_functions() { # Those that cannot be told how much room there is, or cannot tell an error from zero.
	local list
	list=$(only '^(src|cli|tools)/.*\.[ch]$')
	[ -z "$list" ] || ! grep -HnE '\b(strcpy|strcat|stpcpy|sprintf|vsprintf|gets|atoi|atol|atoll|atof|alloca|strtok)[[:space:]]*\(' $list
}

check_silence() { # The library never prints and never exits.
	local list pattern='\b(printf|puts|putchar|perror|exit|abort|err|errx|warn|warnx)\(|\b(stdout|stderr)\b'
	list=$(only '^src/.*\.[ch]$' "$kernel_c")
	[ -z "$list" ] || ! grep -HnE "$pattern" $list | grep -vE ':[0-9]+:[[:space:]]*(/?\*|//)'
}

check_headers() { # Each public header stands alone and is strict C.
	local header bad=0
	while IFS= read -r header; do
		printf '#include <%s>\nint header_is_whole(void);\n' "${header#include/}" |
			gcc -std=gnu17 -Wall -Wextra -pedantic -Werror -fsyntax-only -Iinclude -x c - 2>&1 || bad=1
	done < <(only '^include/.*\.h$')
	return $bad
}

check_shell() {
	local file first bad=0
	while IFS= read -r file; do
		first=
		IFS= read -r -d '' -n 64 first <"$file"
		case ${first%%$'\n'*} in
		*"env bash"* | *bin/bash*) bash -n "$file" 2>&1 || bad=1 ;;
		*bin/sh* | *"busybox sh"*) sh -n "$file" 2>&1 || bad=1 ;;
		*) case "$file" in *.sh) bash -n "$file" 2>&1 || bad=1 ;; esac ;;
		esac
	done < <(only . '\.([chom]|md|json|btf|gz)$')
	return $bad
}

check_size() { # A file that a person can hold in the head, a function that fits a screen or two.
	local list
	list=$(only '\.([ch]|sh|awk)$')
	[ -z "$list" ] || awk '
		function judge() { if (file != "" && last > 600) { printf "%s:%d: the file has more than 600 lines\n", file, last; bad = 1 } }
		FNR == 1 { judge(); file = FILENAME; open = 0 }
		{ last = FNR }
		/^{/ && FILENAME ~ /^(src|cli|tools)\// { open = FNR }
		/^}/ && open { if (FNR - open > 80) { printf "%s:%d: the function has %d lines; 80 is the most\n", file, open, FNR - open; bad = 1 } open = 0 }
		END { judge(); exit bad }' $list
}

# No test may depend on how fast the machine is (docs/design/0014-tests.md): what waits by the clock, or reads it, needs a reason in
# waits.txt. A reason for what is no longer there goes, too.
check_waits() {
	local list
	list=$(only '^tests/.*(\.(sh|inc|c|h)|/guest/[^.]*)$' '^tests/tutorial/[0-9]|^tests/golden/.*/')
	[ -z "$list" ] || awk -v reasons="${waits:-tests/lint/waits.txt}" -f "$lint/reasons.awk" -f "$lint/waits.awk" $list
}

# What the library opens, others may have chosen: base/foreign.h is the door, and whatever goes by another needs a reason in opens.txt.
# base/ is what doors are made of, and compile/ reads what the author of a tool compiles.
check_opens() {
	local list
	list=$(only '^src/.*\.[ch]$' "^src/(base|compile)/|$kernel_c")
	[ -z "$list" ] || awk -v reasons="${opens:-tests/lint/opens.txt}" -f "$lint/reasons.awk" -f "$lint/opens.awk" $list
}
