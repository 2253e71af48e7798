#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# table.sh CELLS ECLI ROOT...: prints docs/kernels.md. CELLS: lines "machine TAB package TAB runs|no TAB choices|sentence" of all machines, the ROOTs are
# where the packages lie that were in the machines. Each row is a package, with what its programs attach to, or a kind of program; each column
# a machine.
set -euo pipefail
cells=$1 ecli=$2
shift 2
roots=("$@")
here=$(cd "$(dirname "$0")" && pwd)

# What a package attaches to: the first words of its sections, each once.
kinds() { # PACKAGE
	local root file
	case $1 in
	"kind "*) sed -n 's/^| \(`.*`\) | '"${1#kind }"' | .*/\1/p' "$here/../live/attach/README.md" && return ;;
	esac
	for root in "${roots[@]}"; do
		for file in "$root/$1/package.json" "$root/packages/$1/package.json"; do [ ! -f "$file" ] || break 2; done
	done
	[ -f "$file" ] || return 0
	"$ecli" inspect -o json "$file" | jq -r '[.programs[].section | sub("^\\?"; "") | split("/")[0]] | unique | join(", ")'
}

cut -f 2 "$cells" | sort -u | while read -r package; do
	printf '%s\t%s\n' "$package" "$(kinds "$package")"
done >"$cells.kinds"

cat <<'TEXT'
# Which tool runs on which kernel

Made by `make test-vm`, which boots Debian's kernels in QEMU and runs the same package files on each. Do not edit. A cell names the choice that was
taken where a package has alternatives; a number is a sentence below: what this kernel lacks.

TEXT
awk -F '\t' -v OFS='' '
	function row(name, shown,    i, what, line) {
		line = "| " shown " | " kind[name] " |"
		for (i = 1; i <= machines; i++) if (machine[i] in there) {
			what = cell[machine[i], name]
			sub(/¹/, "", what)
			line = line " " (what == "" ? "-" : what) " |"
		}
		print line
	}
	FILENAME == ARGV[1] {
		if ($0 ~ /^#/ || $0 == "") next
		split($0, word, / +/)
		machine[++machines] = word[1]; arch[word[1]] = word[2]
		next
	}
	FILENAME == ARGV[2] { release[$1] = $2; next }
	FILENAME == ARGV[3] { package[++packages] = $1; kind[$1] = $2; next }
	{
		there[$1]
		text = $4; sub(/ +$/, "", text)
		if ($3 == "runs") cell[$1, $2] = text == "" ? "runs" : "runs: " text
		else {
			if (!(text in number)) { number[text] = ++numbers; note[numbers] = text }
			cell[$1, $2] = "no ¹" number[text]
		}
	}
	END {
		line = "| what | attaches to |"; rule = "|---|---|"
		for (i = 1; i <= machines; i++) if (machine[i] in there) {
			sub(/-cloud.*|[+]deb[0-9]+-cloud.*/, "", release[machine[i]])
			sub(/[+]deb[0-9]+-arm64-16k/, " (16 K pages)", release[machine[i]])
			line = line " " release[machine[i]] " " (arch[machine[i]] == "x86_64" ? "x86-64" : arch[machine[i]]) " |"
			rule = rule "---|"
		}
		head = line "\n" rule
		print head
		for (p = 1; p <= packages; p++) if (package[p] !~ /^kind /) row(package[p], "`" package[p] "`")
		print "\nEach kind of program, by what it does (tests/live/attach/README.md):\n\n" head
		for (p = 1; p <= packages; p++) if (package[p] ~ /^kind /) row(package[p], substr(package[p], 6))
		print ""
		for (i = 1; i <= numbers; i++) print i ". " note[i]
	}' "$here/machines.txt" "$cells.releases" "$cells.kinds" "$cells"
