#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# JSON of the shipped tools has nothing that was not measured: with each combination of the options that a column depends on (@measured), its key is there exactly when they say
# so, and --where of one that is not there is refused in a sentence.
source "$(dirname "$0")/../lib.sh"
is_root || { cannot shipped-json "needs root"; exit 0; }
cd "$scratch" || exit 1

work() { # a bit of everything that the tools look at
	(exec 3<>/dev/tcp/127.0.0.1/9) 2>/dev/null
	dd if=/dev/zero of=file bs=4096 count=16 oflag=direct 2>/dev/null || dd if=/dev/zero of=file bs=4096 count=16 conv=fsync 2>/dev/null
	rm -f file
}
# holds CONDITION VARIABLE...: of the condition, when these variables are true
holds() {
	local condition=" ${1//,/ } " word
	shift
	for word in $condition; do
		case $word in
		!*) [[ " $* " == *" ${word#!} "* ]] || return 0 ;;
		*) [[ " $* " == *" $word "* ]] && return 0 ;;
		esac
	done
	return 1
}
members() { jq -r '.meta.export_types[].members[] | select(.measured) | [.name, .measured] | @tsv' "$1" | sort -u; }

for package in "$PACKAGES"/*/package.json; do
	tool=$(basename "$(dirname "$package")")
	members "$package" >members
	[ -s members ] || continue
	read -ra variables <<<"$(cut -f 2 members | tr ',!' '  ' | tr -s ' \n' '\n' | sort -u | tr '\n' ' ')"
	: >wrong
	seen=0
	for ((set = 0; set < 1 << ${#variables[@]}; set++)); do
		on=() options=()
		for i in "${!variables[@]}"; do
			((set >> i & 1)) && on+=("${variables[i]}") && options+=("--${variables[i]}=true")
		done
		start_ecli "$package" -o json "${options[@]}" || { grep -q 'this kernel' "$err" && continue 2; echo "${options[*]}: $(tail -n 1 "$err")" >>wrong; continue; }
		for i in 1 2 3; do work; done
		stop_ecli
		jq -c 'select(.ecli | not)' "$rows" >events
		seen=$((seen + $(wc -l <events)))
		while IFS=$'\t' read -r name condition; do
			want=false
			holds "$condition" "${on[@]}" && want=true
			jq -es --arg name "$name" --argjson want "$want" 'all(has($name) == $want)' events >/dev/null || echo "${options[*]:-without options}: $name, $condition" >>wrong
			$want && continue
			code=0
			patiently "$ECLI" run "$package" "${options[@]}" --where "$name == 1" >out 2>told </dev/null || code=$?
			[ $code = 2 ] && grep -q -- "$name is measured only with" told || echo "${options[*]:-without options}: --where $name: status $code" >>wrong
		done <members
	done
	if [ -s wrong ]; then not_ok "shipped-json-$tool" "a value that was not measured, or none that was" wrong "$err"
	elif [ "$seen" = 0 ]; then
		case $tool in
		biolatency | hardirqs) lacks "shipped-json-$tool" "no disk was at work" ;; # files may be in memory here
		*) not_ok "shipped-json-$tool" "no rows" "$err" ;;
		esac
	else ok "shipped-json-$tool"; fi
done
