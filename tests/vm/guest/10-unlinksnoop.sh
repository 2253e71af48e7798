# SPDX-License-Identifier: MIT
# unlinksnoop in the best way that this kernel has, where nothing is forbidden: the row must be true.
. /tests/guest.inc

if ! start_tool -o json unlinksnoop; then
	not_started "unlinksnoop attaches"
	exit 0
fi
: >/tmp/known-file
rm /tmp/known-file
unlink /tmp/no-such-file 2>/dev/null
stop_ecli && ok "unlinksnoop attaches and ends well" || not_ok "unlinksnoop ends well" "status $status instead of 0" "$err"

# Which way is the best one of this kernel: fentry came to arm64 after 6.1, task storage after 5.10.
case $(word ecli_machine) in
5.10) best='syscalls_hash' ;;
arm64-6.1) best='syscalls' ;;
*) best='(do|filename)_unlinkat' ;;
esac
if [ "$(grep -c ': taken' "$err")" = 1 ] && grep -qE "^ecli: $best: taken" "$err"; then
	ok "unlinksnoop takes the best way"
else
	not_ok "unlinksnoop takes the best way" "-v does not name $best" "$err"
fi
if grep -qE '"uid":"[^"]*","uid_raw":0,"ret":"0","ret_raw":0,"comm":"rm","filename":"/tmp/known-file"' "$rows" &&
	grep -qE '"ret":"-ENOENT","ret_raw":-2,"comm":"unlink","filename":"/tmp/no-such-file"' "$rows"; then
	ok "unlinksnoop tells name and result"
else
	not_ok "unlinksnoop tells name and result" "not: rm of /tmp/known-file, result 0; unlink of /tmp/no-such-file, result -2" "$rows" "$err"
fi
