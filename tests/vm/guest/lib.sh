# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The words of tests/lib.sh for the guest's shell (busybox sh: no arrays, no process substitution).

ok() { echo "ok $1"; }

not_ok() { # NAME WHY [FILE...]
	echo "not ok $1 - $2"
	shift 2
	for file in "$@"; do
		[ -s "$file" ] || continue
		echo "#   ${file##*/}:"
		tail -n 30 "$file" | sed 's/^/#   | /'
	done
}

lacks() { echo "skip $1 - $2"; }

# word NAME: what the kernel's command line says of it: ecli_machine, ecli_kernel (its release).
word() { sed -n "s/.*$1=\([^ ]*\).*/\1/p" /proc/cmdline; }

# truth TOOL...: the truth tests of tests/truth, the same as on the machine that builds. Nobody else uses files here, no switch is hidden,
# and the CPU is slow: a switch takes a thousand instructions.
truth() {
	TRUTH_BIN=/truth/bin VARIANTS=/truth/variants ECLI=/bin/ecli PACKAGES=/packages ECC=/nonexistent TRUTH_MISSED=0 TRUTH_SWITCH_NS=8000 \
		TRUTH_WAYS=few_ways TRUTH_QUIET=yes sh /truth/run.sh "$@"
}

# start_ecli ARG...: runs `ecli run -v ARG...` with its rows in /tmp/rows and its messages in /tmp/messages; returns when it is
# attached, 1 when it ended before, with its status in $ecli_status. Each start is a cell of docs/kernels.md: the first ARG that is no
# option names the package.
start_ecli() {
	: >/tmp/rows
	: >/tmp/messages
	ecli run -v "$@" >/tmp/rows 2>/tmp/messages &
	ecli_pid=$!
	tries=0
	while ! grep -q '^running and waiting' /tmp/messages; do
		tries=$((tries + 1))
		if [ $tries -ge 900 ] || ! kill -0 $ecli_pid 2>/dev/null; then
			kill $ecli_pid 2>/dev/null
			wait $ecli_pid
			ecli_status=$?
			sed -i '/^ecli: .*; trying /d' /tmp/messages
			[ $ecli_status != 3 ] || cell "no$tab$(sentence)" "$@"
			return 1
		fi
		sleep 0.05
	done
	cell "runs$tab$(sed -n 's/^ecli: \(.*\): taken$/\1/p' /tmp/messages | tr '\n' ' ')" "$@"
}

tab=$(printf '\t')

# The last message, which says why: a line, or several, as one.
sentence() { awk '/^ecli: /{text = substr($0, 7); next} {text = text "; " $0} END {print text}' /tmp/messages; }

cell() { # TEXT ARG...
	text=$1
	shift
	while :; do
		case $1 in
		-o | --btf | --loader) shift ;;
		-*) ;;
		*) break ;;
		esac
		shift
	done
	package=${1%/package.json}
	package=${package#/packages/}
	printf 'cell\t%s\t%s\n' "${package#/}" "$text"
}

# not_started NAME: reports a start_ecli that failed: "skip" with the sentence when the kernel lacks something (status 3), which
# tests/vm/not-here.txt must expect of this machine.
not_started() {
	if [ "$ecli_status" = 3 ]; then
		lacks "$1" "$(sentence)"
	else
		not_ok "$1" "ecli ended with status $ecli_status before it was ready" /tmp/messages
	fi
}

# wait_rows PATTERN COUNT: until that many rows match, 5 seconds at most.
wait_rows() {
	tries=0
	while [ "$(grep -cE "$1" /tmp/rows)" -lt "$2" ]; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || return 1
		sleep 0.05
	done
}

# stop_ecli: as Ctrl-C does; returns its status.
stop_ecli() {
	kill -INT $ecli_pid 2>/dev/null
	wait $ecli_pid
}
