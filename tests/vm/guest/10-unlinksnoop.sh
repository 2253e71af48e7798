# SPDX-License-Identifier: MIT
# unlinksnoop through fentry: this kernel allows it, so that choice must be the one that is taken, and the row must be true.
. /tests/lib.sh

if ! start_ecli -v -o json unlinksnoop; then
	not_ok "unlinksnoop attaches" "ecli ended before it was ready" /tmp/messages
	exit 0
fi
: >/tmp/known-file
rm /tmp/known-file
unlink /tmp/no-such-file 2>/dev/null
wait_rows '"filename":"/tmp/(known|no-such)-file"' 2
stop_ecli && ok "unlinksnoop attaches and ends well" || not_ok "unlinksnoop ends well" "status $?" /tmp/messages

if grep -qE '(do|filename)_unlinkat: taken' /tmp/messages && ! grep -q 'syscalls: taken' /tmp/messages; then
	ok "unlinksnoop takes fentry"
else
	not_ok "unlinksnoop takes fentry" "-v names another choice" /tmp/messages
fi
if grep -qE '"uid":0,"ret":0,"comm":"rm","filename":"/tmp/known-file"' /tmp/rows &&
	grep -qE '"ret":-2,"comm":"unlink","filename":"/tmp/no-such-file"' /tmp/rows; then
	ok "unlinksnoop tells name and result"
else
	not_ok "unlinksnoop tells name and result" "the rows are not what rm did" /tmp/rows /tmp/messages
fi
