#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Options that are given twice, and numbers that could be another process or a time: both count, or the words to write are told. Nothing is run.
source "$(dirname "$0")/../lib.sh"
cd "$scratch" || exit 1

# refused NAME WORDS ARG...: wrong usage, with these words, before anything else is done
refused() {
	local name=$1 words=$2 code=0
	shift 2
	"$ECLI" run "$@" >out 2>err || code=$?
	[ $code = 2 ] && grep -qF -- "$words" err && ! [ -s out ] && ok "twice-$name" || not_ok "twice-$name" "status $code, or not: $words" err
}
refused duration '--duration is given twice, as "1" and as "2": give it once' exitsnoop -d 1 -d 2
refused around '--duration is given twice' -d 1 exitsnoop --duration=2
refused word '--duration is given twice' profile 1 -d 2
refused interval '--interval is given twice' runqlat 1 -i 2
refused where '--where is given twice' exitsnoop --where 'pid > 1' --where 'pid > 2'
refused process '--pid is given twice, as "1" and as "2"' opensnoop -p 1 -p 2
refused target '--target-pid is given twice, as "1" and as "2"' memleak -p 1 --target-pid 2
refused pids-words '"2" behind --pids 1: write --pids 1,2 for both, or -d 2 for a time' profile -p 1 2
refused pids-words-joined '"2" behind --pids 1: write' profile --pids=1 2 -d 1
refused pids-three '"2" behind --pids 1: write' profile -p 1 2 3
refused pid-words '"2" behind --pid 1: --pid takes one; write -d 2 for a time' syscount -p 1 2
refused target-words '"2" behind --target-pid 1: --target-pid takes one' memleak -p 1 2
refused no-words '"2" is not expected here' opensnoop -p 1 2
refused comma '--pids takes up to' profile -p 1,,2

# --help looks at the words before it: what is well ends with 0.
accepted() { # NAME ARG...
	local name=$1 code=0
	shift
	"$ECLI" run "$@" --help >out 2>err || code=$?
	[ $code = 0 ] && [ -s out ] && ok "twice-$name" || not_ok "twice-$name" "status $code" err
}
accepted list profile -p 1 -p 2
accepted blanks profile -p '1 2, 3'
accepted lines profile -p '1
2'
accepted time profile -p 1 10s
accepted apart profile -p 1 -F 99 10
accepted switches exitsnoop -v -v -j -j -o json
