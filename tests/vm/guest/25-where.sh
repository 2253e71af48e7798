# SPDX-License-Identifier: MIT
# --where and --sample: this kernel's verifier takes what they put into the programs, and lets pass what is wanted.
. /tests/guest.inc

if ! start_tool -o json exitsnoop --stats --where 'exit_code == 7 && !(pid == 1) && ppid > 0 && comm ~ "sh*"'; then
	not_ok "where attaches" "ecli ended with status $status before it was ready" "$err"
	exit 0
fi
for code in 1 7 3 7 0 7; do sh -c "exit $code"; done
stop_ecli && ok "where ends well" || not_ok "where ends well" "status $status instead of 0" "$err"
[ "$(grep -c '"pid"' "$rows")" = 3 ] && [ "$(grep -c '"exit_code":7,' "$rows")" = 3 ] && ok "where chooses the rows" ||
	not_ok "where chooses the rows" "not the three that ended with 7" "$rows" "$err"
grep -q 'exit_code == 7 && !(pid == 1) && ppid > 0 is checked in the kernel' "$err" && ok "where is checked in the kernel" ||
	not_ok "where is checked in the kernel" "-v says otherwise" "$err"

if ! start_tool -o json exitsnoop --where 'exit_code == 9' --sample 2; then
	not_ok "sample attaches" "ecli ended with status $status before it was ready" "$err"
	exit 0
fi
taskset 1 sh -c 'for i in 1 2 3 4 5; do sh -c "exit 9"; done'
stop_ecli
[ "$(grep -c '"exit_code":9,' "$rows")" = 3 ] && grep -q 'chosen in the kernel' "$err" && ok "sample chooses one of two" ||
	not_ok "sample chooses one of two" "not 3 rows: the first, third and fifth" "$rows" "$err"
