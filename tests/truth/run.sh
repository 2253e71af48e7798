#!/bin/sh
# SPDX-License-Identifier: MIT
#
#     run.sh [TOOL...|hooking|others]    hooking: those whose programs hook functions; no word: both
#
# Are the values true? Each tool traces a workload whose every event is known beforehand, or counted by the kernel in another
# way, and what it shows is compared with that. Result lines as in every suite. Status 1 when something is not ok.
#
# Environment: ECLI (default build/ecli), ECC (build/ecc), PACKAGES (build/tools: NAME/package.json), and for machines without
# a compiler TRUTH_BIN (made by build.sh), VARIANTS (made by variants.sh) and HARNESS (tests/lib.sh). A POSIX shell is enough. TRUTH_WAYS:
# ways, or few_ways, where 8,704 different stacks take half a minute. TRUTH_SWITCH_NS: so far apart are, on
# average, the moments at which scheduler and tool see a switch (20000 at most). TRUTH_QUIET=yes: nobody else uses files here, and no
# host hides from programs what its own threads do.
here=$(cd "$(dirname "$0")" && pwd)
: "${BUILD:=$(dirname "$(dirname "$here")")/build}"
: "${TRUTH_WAYS:=ways}" "${SUITE:=truth}"
. "${HARNESS:-$here/../lib.sh}"
. "$here/truth.inc"

# Made here where they do not come with the tests.
prepare() { # TOOL...
	if [ -z "${TRUTH_BIN:-}" ]; then
		TRUTH_BIN=$scratch/bin
		"$here/build.sh" "$TRUTH_BIN" >"$scratch/build" 2>&1 || { not_ok truth "the workloads do not compile" "$scratch/build"; return 1; }
	fi
	if [ -z "${VARIANTS:-}" ]; then
		VARIANTS=$scratch/variants
		"$here/variants.sh" "$ECC" "$VARIANTS" "$@" >"$scratch/build" 2>&1 || { not_ok truth "the variants do not compile" "$scratch/build"; return 1; }
	fi
}

# The runs of programs are counted as long as this lives (Linux 5.8 and later).
keeper=
stop_counting() { [ -z "$keeper" ] || kill "$keeper" 2>/dev/null; }
at_exit stop_counting

# In a shell of its own, whose lines are looked at.
networks='' # tcp.inc
end_tool() {
	[ -z "$ecli_pid" ] || kill "$ecli_pid" 2>/dev/null
	stop_counting_softirqs
	[ -z "$networks" ] || tcp_networks_away
}
judge_tool() { # TOOL
	trap end_tool EXIT
	trap 'exit 143' TERM
	. "$here/$1.inc"
}

main() { # TOOL...
	for tool in "$@"; do
		[ -r "$here/$tool.inc" ] || { not_ok "$tool" "there is no such tool"; return 1; }
	done
	prepare "$@" || return
	"$TRUTH_BIN/truth_runs" keep >/dev/null 2>&1 &
	keeper=$!
	for tool in "$@"; do
		judge_tool "$tool" | tee "$scratch/lines"
		if grep -q '^not ok ' "$scratch/lines"; then
			alone "$tool"
			failed=1
		fi
	done
}

hooking="filetop opensnoop tcptop unlinksnoop vfsstat"
others="biolatency cpudist execsnoop exitsnoop hardirqs memleak offcputime profile runqlat runqslower softirqs syscount tcpconnect tcplife tcpstates wakeuptime"
# shellcheck disable=SC2086 # words
case ${1:-} in
hooking) set -- $hooking ;;
others) set -- $others ;;
"") set -- $hooking $others ;;
esac
failed=0
if is_root; then main "$@" || failed=1; else lacks truth "needs root"; fi
exit $failed
