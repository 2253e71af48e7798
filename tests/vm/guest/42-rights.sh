# SPDX-License-Identifier: MIT
# Which rights the tools take whose best hooks a builder's kernel may lack (tests/live/rights/run.sh).
. /tests/guest.inc
# Up to 5.10 maps count against the memory that a user may lock, which is told.
if [ "$(word ecli_machine)" = 5.10 ]; then
	(ulimit -l 64 && exec /bin/as_nobody bpf,perfmon "$ECLI" run runqslower --duration 0.1) >"$rows" 2>"$err"
	code=$?
	if [ $code = 1 ] && grep -q '^ecli: may lock too little memory' "$err"; then ok rights-memory; else not_ok rights-memory "status $code, or another sentence" "$err"; fi
	ulimit -l unlimited
fi
# Debian's third level asks for CAP_SYS_ADMIN up to 6.1, which is told; later CAP_PERFMON is enough.
level=/proc/sys/kernel/perf_event_paranoid
if [ "$(cat $level)" -ge 3 ]; then
	/bin/as_nobody bpf,perfmon,dac_read_search "$ECLI" run opensnoop --duration 0.1 >"$rows" 2>"$err"
	code=$?
	if [ $code = 0 ] || { [ $code = 1 ] && grep -q 'CAP_SYS_ADMIN.*perf_event_paranoid is 3 or more here' "$err"; }; then
		ok rights-paranoid
	else
		not_ok rights-paranoid "status $code, or the level is not named" "$err"
	fi
	echo 2 >$level
fi
AS_NOBODY=/bin/as_nobody RIGHTS=/rights/rights.md TOOLS='filetop opensnoop unlinksnoop vfsstat' MUST=1 sh /rights/run.sh
