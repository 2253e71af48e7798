#!/bin/sh
# SPDX-License-Identifier: MIT
#
#     run.sh [TOOL...]
#
# Are the values true? Each tool traces a workload whose every event is known beforehand, or counted by the kernel in another
# way, and what it shows is compared with that. Result lines as in every suite: "ok NAME", "not ok NAME - WHY", "skip NAME -
# WHY". Status 1 when something is not ok.
#
# Environment: ECLI (default build/ecli), ECC (build/ecc), PACKAGES (build/tools: NAME/package.json), and for machines without
# a compiler TRUTH_BIN (made by build.sh) and VARIANTS (made by variants.sh). A POSIX shell is enough. TRUTH_PERCENT is how
# far measured waiting times may be off: 5, and 15 on an emulated processor, where one interrupt can take 10 ms. TRUTH_MISSED: per
# cent of the switches between threads that a kernel may hide from programs: 0 in the test machines, 5 on others, whose host may.
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
: "${BUILD:=$top/build}"
! grep -q 'QEMU TCG' /proc/cpuinfo || : "${TRUTH_PERCENT:=15}" "${TRUTH_MISSED:=0}" "${TRUTH_EMULATED:=yes}"
: "${TRUTH_PERCENT:=5}" "${TRUTH_MISSED:=5}"
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

[ $# -gt 0 ] || set -- biolatency cpudist execsnoop exitsnoop filetop hardirqs memleak offcputime opensnoop profile runqlat runqslower softirqs \
	syscount tcpconnect tcplife tcpstates tcptop unlinksnoop vfsstat wakeuptime
main "$@" | tee "$scratch/lines"
[ -s "$scratch/lines" ] && ! grep -q '^not ok' "$scratch/lines"
