#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Completion: what the programs offer, and what bash and zsh make of it with the scripts of packaging/completion. A line is typed up
# to its end: COMP_WORDS and COMP_CWORD are set as bash sets them, and for zsh words, CURRENT and PREFIX.
source "$(dirname "$0")/../lib.sh"
scripts=$top/packaging/completion
export XDG_CACHE_HOME=$scratch/cache
cd "$scratch" || exit 1

mkdir -p work/folder "work/a b"
cd work || exit 1
cat >knobs.bpf.c <<'C'
/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
enum colour { RED, GREEN, GREY };
/// Which one.
const volatile enum colour shade = GREEN;
/// Which ones.
const volatile enum colour shades[4] = {};
/// Whether.
const volatile _Bool quick = 0;
/// How many.
const volatile __u32 how_many = 0;
SEC("raw_tp/sched_switch")
int on_switch(void *ctx) { return shade + shades[1] + quick + how_many; }
char LICENSE[] SEC("license") = "GPL";
C
: >knobs.h
"$ECC" knobs.bpf.c >../ecc.out 2>&1 || { not_ok completion "ecc failed" ../ecc.out; exit 0; }
mv package.json knobs.json
cp knobs.json "a b/spaced name.json"
printf '{' >broken.json
: >notes.txt
mkfifo pipe.json

# ---- what the programs offer
offers() { # NAME EXPECTED COMMAND...: all candidates, sorted, with blanks between; nothing on stderr, status 0
	local name=$1 want=$2 code=0
	shift 2
	patiently "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || code=$?
	if [ $code = 0 ] && ! [ -s "$scratch/err" ] && [ "$(sort "$scratch/out" | tr '\n' ' ')" = "${want:+$want }" ]; then ok "offers-$name"
	else not_ok "offers-$name" "status $code, or not: $want" "$scratch/out" "$scratch/err"; fi
}
has_all() { # NAME WORDS COMMAND...: these are among the candidates
	local name=$1 word missing=
	"${@:3}" >"$scratch/out" 2>&1
	for word in $2; do grep -qxFe "$word" "$scratch/out" || missing+=" $word"; done
	if [ -z "$missing" ]; then ok "offers-$name"; else not_ok "offers-$name" "missing:$missing" "$scratch/out"; fi
}
has_all commands 'run list' "$ECLI" complete ''
has_all commands-alone 'run list' "$ECLI" complete
"$ECLI" complete '' | grep -q complete && not_ok hidden-command "it offers itself" || ok hidden-command
offers command 'run' "$ECLI" complete ru
offers dashes '--help --version' "$ECLI" complete -
offers tool 'exitsnoop' "$ECLI" complete run exi
has_all packages 'knobs.json broken.json folder/ runqslower exitsnoop' "$ECLI" complete run ''
offers package-file 'knobs.bpf.c knobs.json' bash -c 'echo knobs.bpf.c; "$0" complete run kn' "$ECLI"
offers folder 'folder/' "$ECLI" complete run fo
has_all check-tool-options '--how_many --shade --btf' "$ECLI" complete check -v knobs.json --
offers check-tool-option '--how_many' "$ECLI" complete check knobs.json --how
offers check-pipe '--btf' "$ECLI" complete check pipe.json --b
offers in-folder 'a b/spaced name.json' "$ECLI" complete run 'a b/'
offers without-run 'knobs.json' "$ECLI" complete kn
has_all own-options '--output --duration --btf --help' "$ECLI" complete run -
offers own-values 'json' "$ECLI" complete run -o j
offers own-values-joined '--output=plain --output=pprof' "$ECLI" complete run --output=p
offers any-file 'knobs.bpf.c knobs.h knobs.json' "$ECLI" complete run --btf kn
offers any-file-joined '--btf=notes.txt' "$ECLI" complete run --btf=no
has_all tool-options '--shade --shades --quick --no-quick --how_many --duration' "$ECLI" complete run knobs.json ''
has_all tool-options-after-options '--shade' "$ECLI" complete run -d 5 -o json knobs.json --shade RED -
offers enum-names 'GREEN GREY' "$ECLI" complete run knobs.json --shade GR
offers list-elements '--shades=RED,GREEN --shades=RED,GREY' "$ECLI" complete run knobs.json --shades=RED,G
offers list-elements-apart 'RED,GREEN RED,GREY' "$ECLI" complete run knobs.json --shades RED,G
offers switch-values '--quick=true' "$ECLI" complete run knobs.json --quick=t
offers as-typed '--how-many' "$ECLI" complete run knobs.json --how-
offers numbers '' "$ECLI" complete run knobs.json --how_many ''
offers choices-after-package 'flame folded heatmap json plain pprof table' "$ECLI" complete run knobs.json -o ''
offers old-form '--shade --shades' "$ECLI" complete knobs.json --sha
offers nothing-for-list '' "$ECLI" complete list ''
offers nothing-for-unknown '' "$ECLI" complete unknown ''
has_all broken-package '--output' "$ECLI" complete run broken.json -
has_all waiting-package '--output' "$ECLI" complete run pipe.json -
has_all standard-input '--output' "$ECLI" complete run - --
offers ecc-source 'a b/ folder/ knobs.bpf.c' "$ECC" --complete ''
offers ecc-header 'a b/ folder/ knobs.h' "$ECC" --complete -v knobs.bpf.c ''
offers ecc-options '--cflag --clang' "$ECC" --complete knobs.bpf.c --c
offers ecc-folder 'folder/' "$ECC" --complete -o fo
"$ECC" --complete -- | grep -q yaml && not_ok ecc-hidden "it offers --yaml" || ok ecc-hidden

# ---- bash
# complete_bash NAME EXPECTED WORD...: the candidates bash would put in place, the last WORD being typed.
complete_bash() {
	local name=$1 want=$2
	shift 2
	bash --norc -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ecli; ((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' \
		bash "$scripts/ecli.bash" "$@" 2>&1 | sort >"$scratch/out"
	if [ "$(tr '\n' ' ' <"$scratch/out")" = "${want:+$want }" ]; then ok "bash-$name"; else not_ok "bash-$name" "not: $want" "$scratch/out"; fi
}
complete_bash command 'list' "$ECLI" li
complete_bash package 'knobs.json' "$ECLI" run kn
complete_bash tool-option '--shade --shades' "$ECLI" run knobs.json --sha
complete_bash value 'GREEN GREY' "$ECLI" run knobs.json --shade G
complete_bash value-after-equals 'json' "$ECLI" run --output = j
complete_bash value-at-equals 'flame folded heatmap json plain pprof table' "$ECLI" run --output =
complete_bash after-an-equals-word 'knobs.json' "$ECLI" run --output = json kn
complete_bash escaped 'a\ b/spaced\ name.json' "$ECLI" run 'a\ b/s'
complete_bash package-with-blank '--quick' "$ECLI" run 'a\ b/spaced\ name.json' --q
complete_bash ecc 'knobs.bpf.c' "$ECC" kn
complete_bash ecc-value 'folder/' "$ECC" -o f
complete_bash nothing '' /nonexistent/ecli r
HOME=$PWD complete_bash home '~/knobs.json' "$ECLI" run '~/kn'

complete_bash attach-program 'on_switch=' "$ECLI" run knobs.json --attach on
complete_bash attach-target 'none' "$ECLI" run knobs.json --attach on_switch = n
# lo is what every machine has.
mkdir -p net && sed 's|^SEC("[a-z]*[_/][^"]*")|SEC("xdp")|' knobs.bpf.c >net/net.bpf.c && "$ECC" net/net.bpf.c >../ecc.out 2>&1 && mv net/package.json net.json ||
	not_ok completion-net "ecc failed" ../ecc.out
complete_bash attach-interface 'lo' "$ECLI" check net.json --attach on_switch = lo

# ---- zsh
if has zsh; then
	check zsh-parses zsh -n "$scripts/_ecli"
	complete_zsh() { # NAME EXPECTED WORD...
		local name=$1 want=$2
		shift 2
		zsh -f -c '
			compadd() { print -rl -- ${(P)@[-1]}; }
			script=$1; shift
			words=("$@") CURRENT=$# PREFIX=${@[-1]}
			complete_it() { source $script; }
			complete_it' zsh "$scripts/_ecli" "$@" 2>&1 | sed '/^$/d' | sort >"$scratch/out"
		if [ "$(tr '\n' ' ' <"$scratch/out")" = "${want:+$want }" ]; then ok "zsh-$name"; else not_ok "zsh-$name" "not: $want" "$scratch/out"; fi
	}
	complete_zsh command 'list' "$ECLI" li
	complete_zsh tool-option '--shade --shades' "$ECLI" run knobs.json --sha
	complete_zsh value '--output=json' "$ECLI" run --output=j
	complete_zsh folder 'folder/' "$ECLI" run fo
	complete_zsh escaped 'a b/spaced name.json' "$ECLI" run 'a\ b/s'
	complete_zsh ecc 'knobs.bpf.c' "$ECC" kn
else
	cannot zsh "zsh is not installed"
fi

# ---- a person waits for it at every key: it reads one package, and asks the kernel nothing
if has strace; then
	# No leaks are looked for under strace (ASan cannot); the build with ASan reads files of its own.
	ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 ECLI_PACKAGES=$PACKAGES strace -f -qq -o "$scratch/calls" "$ECLI" complete run runqslower - >"$scratch/out" 2>"$scratch/err"
	sed -nE 's/^[0-9]+ +(open|openat)\(.*"([^"]*package\.json|\/sys[^"]*|\/boot[^"]*|\/proc\/(kallsyms|config)[^"]*)".*/\2/p' "$scratch/calls" >"$scratch/opened"
	grep -E '^[0-9]+ +(bpf|clone|clone3|fork|vfork|execve|socket|nanosleep|clock_nanosleep|poll|epoll_wait)\(' "$scratch/calls" | sed 1d >"$scratch/asked" # its own start
	if [ "$(cat "$scratch/opened")" != "$PACKAGES/runqslower/package.json" ]; then
		not_ok completion-reads-one-package "not: $PACKAGES/runqslower/package.json" "$scratch/opened" "$scratch/err"
	else
		ok completion-reads-one-package
	fi
	if [ -s "$scratch/asked" ]; then not_ok completion-asks-nothing "nothing was to be asked or waited for" "$scratch/asked"; else ok completion-asks-nothing; fi
	calls=$(wc -l <"$scratch/calls") # about 36; with ASan 230
	if [ "$calls" -lt 1000 ]; then ok completion-is-cheap; else not_ok completion-is-cheap "$calls system calls, not less than 1000" "$scratch/calls"; fi
else
	cannot completion-reads-one-package "strace is not installed"
fi
