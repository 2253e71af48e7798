# SPDX-License-Identifier: MIT
# Which rights the tools take whose best hooks a builder's kernel may lack (tests/live/rights/run.sh).
. /tests/guest.inc
# Up to 5.10 maps count against the memory that a user may lock, which is told.
if [ "$(word ecli_machine)" = 5.10 ]; then
	(ulimit -l 64 && exec /bin/as_nobody bpf,perfmon "$ECLI" run runqslower --duration 0.1) >"$rows" 2>"$err"
	code=$?
	if [ $code = 1 ] && grep -q '^ecli: may lock too little memory' "$err"; then ok rights-memory; else not_ok rights-memory "status $code, or another sentence" "$err"; fi
	ulimit -l unlimited
	# Debian's third level asks for CAP_SYS_ADMIN there.
	echo 2 >/proc/sys/kernel/perf_event_paranoid
fi
AS_NOBODY=/bin/as_nobody RIGHTS=/rights/rights.md TOOLS='filetop opensnoop unlinksnoop vfsstat' MUST=1 sh /rights/run.sh
