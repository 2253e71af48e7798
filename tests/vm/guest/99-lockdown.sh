# SPDX-License-Identifier: MIT
# The last script, for there is no way back: a kernel that is locked down, step by step. Each tool runs, or says so, and check says the same as run.
. /tests/guest.inc

mount -t securityfs security /sys/kernel/security 2>/dev/null
file=/sys/kernel/security/lockdown
if ! [ -w $file ]; then
	lacks lockdown "this kernel has no lockdown"
	exit 0
fi
locked() { # LEVEL TOOL...
	local level=$1 tool code checked
	shift
	echo "$level" >$file
	for tool in "$@"; do
		"$ECLI" check "$tool" >"$scratch/checked" 2>&1
		checked=$?
		code=0
		if start_ecli "$tool"; then
			stop_ecli
			code=$status
		else
			code=$status
		fi
		if [ $code != "$checked" ]; then
			not_ok "lockdown-$level-$tool" "check says $checked, run $code" "$scratch/checked" "$err"
		elif [ $code = 0 ] || { [ $code = 3 ] && grep -qE "^(ecli:|  [a-z0-9_]+:) this kernel is locked down \(lockdown=$level\): " "$err"; }; then
			ok "lockdown-$level-$tool"
		else
			not_ok "lockdown-$level-$tool" "status $code, and it is not said that the kernel is locked down" "$err"
		fi
		echo "$tool $code" >>"$scratch/$level"
	done
}
tools='biolatency exitsnoop filetop hardirqs opensnoop profile runqslower syscount tcpconnect unlinksnoop'
# shellcheck disable=SC2086 # words
locked integrity $tools
# Of integrity nothing is asked that a tool does.
if grep -qv ' 0$' "$scratch/integrity"; then not_ok lockdown-integrity "not all run" "$scratch/integrity"; else ok lockdown-integrity; fi
# shellcheck disable=SC2086
locked confidentiality $tools
if grep -q ' 3$' "$scratch/confidentiality"; then ok lockdown-confidentiality; else not_ok lockdown-confidentiality "all run: is there a lockdown?" "$scratch/confidentiality"; fi
