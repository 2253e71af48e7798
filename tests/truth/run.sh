#!/bin/sh
# SPDX-License-Identifier: MIT
#
#     run.sh [TOOL...|hooking|others]    hooking: those whose programs hook functions; no word: both
#
# Are the values true? Each tool traces a workload whose every event is known beforehand, or counted by the kernel in another
# way, and what it shows is compared with that. Result lines as in every suite: "ok NAME", "not ok NAME - WHY", "skip NAME -
# WHY". Status 1 when something is not ok.
#
# Environment: ECLI (default build/ecli), ECC (build/ecc), PACKAGES (build/tools: NAME/package.json), and for machines without
# a compiler TRUTH_BIN (made by build.sh) and VARIANTS (made by variants.sh). A POSIX shell is enough. TRUTH_MISSED: per
# cent of the switches between threads that a kernel may hide from programs: 0 in the test machines, 5 on others, whose host may. TRUTH_SWITCH_NS: what
# a switch between threads takes, where that is not next to nothing. TRUTH_WAYS: ways, or few_ways, where 8,704 different stacks take half a minute.
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
: "${BUILD:=$top/build}"
: "${TRUTH_MISSED:=5}" "${TRUTH_SWITCH_NS:=0}" "${TRUTH_WAYS:=ways}"
TRUTH_PERCENT=5 # so far may measured times be off
: "${ECC:=$BUILD/ecc}" "${ECLI:=$BUILD/ecli}" "${PACKAGES:=$BUILD/tools}"
scratch=$(mktemp -d "${TMPDIR:-/tmp}/truth.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
. "$here/truth.inc"

main() {
	ecli_pid=
	trap '[ -z "$ecli_pid" ] || kill $ecli_pid' EXIT
	if [ "$(id -u)" != 0 ]; then
		lacks truth "needs root"
		return
	fi
	if [ -z "${TRUTH_BIN:-}" ]; then
		TRUTH_BIN=$scratch/bin
		"$here/build.sh" "$TRUTH_BIN" >"$scratch/build" 2>&1 || { not_ok truth "the workloads do not compile" "$scratch/build"; return; }
	fi
	if [ -z "${VARIANTS:-}" ]; then
		VARIANTS=$scratch/variants
		"$here/variants.sh" "$ECC" "$VARIANTS" >"$scratch/build" 2>&1 || { not_ok truth "the variants do not compile" "$scratch/build"; return; }
	fi
	for tool in "$@"; do
		. "$here/$tool.inc"
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
main "$@" | tee "$scratch/lines"
[ -s "$scratch/lines" ] && ! grep -q '^not ok' "$scratch/lines"
