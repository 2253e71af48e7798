# SPDX-License-Identifier: MIT
# --where and --sample: this kernel's verifier takes what they put into the programs, and lets pass what is wanted.
. /tests/lib.sh

if ! start_ecli -v -o json exitsnoop --stats --where 'exit_code == 7 && !(pid == 1) && ppid > 0 && comm ~ "sh*"'; then
	not_ok "where attaches" "ecli ended before it was ready" /tmp/messages
	exit 0
fi
for code in 1 7 3 7 0 7; do sh -c "exit $code"; done
wait_rows '"exit_code":7' 3
stop_ecli && ok "where ends well" || not_ok "where ends well" "status $?" /tmp/messages
[ "$(grep -c '"pid"' /tmp/rows)" = 3 ] && [ "$(grep -c '"exit_code":7,' /tmp/rows)" = 3 ] && ok "where chooses the rows" ||
	not_ok "where chooses the rows" "not the three that ended with 7" /tmp/rows /tmp/messages
grep -q 'exit_code == 7 && !(pid == 1) && ppid > 0 is checked in the kernel' /tmp/messages && ok "where is checked in the kernel" ||
	not_ok "where is checked in the kernel" "-v says otherwise" /tmp/messages

if ! start_ecli -v -o json exitsnoop --where 'exit_code == 9' --sample 2; then
	not_ok "sample attaches" "ecli ended before it was ready" /tmp/messages
	exit 0
fi
taskset 1 sh -c 'for i in 1 2 3 4 5; do sh -c "exit 9"; done'
wait_rows '"exit_code":9' 3
sleep 0.3
stop_ecli
[ "$(grep -c '"exit_code":9,' /tmp/rows)" = 3 ] && grep -q 'chosen in the kernel' /tmp/messages && ok "sample chooses one of two" ||
	not_ok "sample chooses one of two" "not the first, third and fifth" /tmp/rows /tmp/messages
