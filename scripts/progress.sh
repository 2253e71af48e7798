#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# progress.sh WORD: what ninja says on standard input becomes a line every quarter of the way ("building: 25 %"), so that nobody waits
# before a silent terminal. Less than 40 steps are not worth a word. What else comes on standard input, compilers' messages, is shown
# as it is; what ecc and meson say when all is well is not.
word=$1 meson=''
at_quarter=0 steps='^\[([0-9]+)/([0-9]+)\] '
while IFS= read -r line; do
	if [[ $line =~ $steps ]]; then
		meson=
		done_steps=${BASH_REMATCH[1]} all_steps=${BASH_REMATCH[2]}
		quarter=$((4 * done_steps / all_steps))
		if [ "$all_steps" -ge 40 ] && [ $quarter -gt $at_quarter ]; then
			echo "$word: $((25 * quarter)) %"
			at_quarter=$quarter
		fi
		continue
	fi
	if [ "$line" = "The Meson build system" ] || [ -n "$meson" ]; then # up to its end; when it fails all of it is shown
		meson+=$line$'\n'
		[[ $line != "Found ninja"* ]] || meson=
		continue
	fi
	case $line in
	"ninja: no work to do." | "Cleaning... "*" files." | "ninja: Entering directory "* | "Compiling bpf object..." | "Generating export types..." | \
		"Packing ebpf object and config into package.json...") ;;
	*) printf '%s\n' "$line" ;;
	esac
done
printf '%s' "$meson"
