# SPDX-License-Identifier: MIT
# Compares what runq_load printed (first file) with the rows "pid task prev_pid prev_task delta_us time"
# (second file).
# Variables: label; only: the one thread there may be rows of, or 0; min_us; percent; ecli: process id of the runner.
function result(what, wrong) { print (wrong ? "not ok " : "ok ") label ": " what (wrong ? " - " wrong : "") }

FNR == NR && $1 == "process" { name[$2] = "main"; next }
FNR == NR && $1 == "thread" { name[$3] = $2; next }
FNR == NR && $1 == "waited" { waited[$3] = $4; from[$3] = $5; to[$3] = $6; next }
FNR == NR { next }
{
	rows++
	if ($1 == 0) idle++
	if ($1 == ecli) own++
	if (only && $1 != only || filtered && !($1 in name)) others = $0
	if ($5 < min_us) short = $0
	if ($5 > 60000000) absurd = $0
	if ($1 in name && $2 != name[$1] || $3 in name && $4 != name[$3]) misnamed = $0
	if ($1 == $3) same = $0
	if ($1 in waited && $6 >= from[$1] && $6 <= to[$1]) {
		sum[$1] += $5 * 1000
		count[$1]++
	}
}
END {
	if (min_us)
		result("only waits of at least " min_us " us", !rows ? "no rows" : short)
	else for (tid in waited) {
		if (only && tid != only)
			continue
		off = sum[tid] - waited[tid]
		off = off < 0 ? -off : off
		# So many percent; 5 ms for a wait between a reading of the count and the reading of the clock beside it; the part of a
		# microsecond that each row leaves out
		result(name[tid] " waited as long as the scheduler says", off > waited[tid] * percent / 100 + 5e6 + count[tid] * 1000 ? \
			sprintf("%.1f ms in %d rows, %.1f ms there", sum[tid] / 1e6, count[tid], waited[tid] / 1e6) : "")
		printf "# %s %s: %.3f ms in %d rows, scheduler %.3f ms\n", label, name[tid], sum[tid] / 1e6, count[tid], waited[tid] / 1e6 > "/dev/stderr"
	}
	result("every thread has its own name", misnamed)
	result("possible values only", idle ? "the idle task waits" : absurd ? absurd : same)
	if (only || filtered)
		result("no rows of others", others)
	else
		result("the runner is left out", own ? own " rows of its own" : "")
}
