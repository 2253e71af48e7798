# SPDX-License-Identifier: MIT
# Compares what runq_load printed (first file) with the lines "time pid comm from to count" of runqlat (second file).
# Variables: label; unit: nanoseconds in one of the histogram's; hidden: switches that the kernel showed to no program; lag_ns: so far apart may the two
# numbers of one wait be.
function result(what, wrong) { print (wrong ? "not ok " : "ok ") label ": " what (wrong ? " - " wrong : "") }

FNR == NR && $1 == "thread" { name[$3] = $2; next }
FNR == NR && $1 == "wait" { if ($5 > longest[$2] + 0) longest[$2] = $5; next }
FNR == NR && $1 == "total" { waited[$3] = $4; waits[$3] = $5; most[$3] = $6; next }
FNR == NR { next }
$1 == "time" { header = $0; next }
{
	lines++
	if (NF != 6 || $4 > $5 || $6 < 0) odd = $0
	if ($2 == 0) all = $0
	if ($2 in name && $3 != name[$2]) misnamed = $0
	low[$2] += $4 * $6 * unit
	high[$2] += ($5 + 1) * $6 * unit
	count[$2] += $6
}
END {
	result("lines of buckets", header != "time pid comm from to count" ? "header " header : !lines ? "no lines" : odd)
	for (tid in waited) {
		missing = waits[tid] - count[tid]
		printf "# %s %s: %d waits of %.1f to %.1f ms in all, scheduler %d of %.1f ms, without the CPU for %.1f ms; %d switches were hidden\n", label, name[tid], count[tid],
			low[tid] / 1e6, high[tid] / 1e6, waits[tid], waited[tid] / 1e6, most[tid] / 1e6, hidden > "/dev/stderr"
		# A thread that is interrupted on its way to sleep waits, too, but not for the scheduler.
		result(name[tid] " waited as often as the scheduler says", missing > hidden || -missing > 1 + waits[tid] / 50 ? count[tid] + 0 " and not " waits[tid] : "")
		# What is missing is not longer than the longest.
		least = waited[tid] - (missing > 0 ? missing * longest[tid] : 0) - count[tid] * lag_ns
		result(name[tid] " waited as long as the scheduler says", !count[tid] || low[tid] > most[tid] || high[tid] < least ? \
			sprintf("%d waits of %.1f to %.1f ms in all, %.1f to %.1f ms there", count[tid], low[tid] / 1e6, high[tid] / 1e6, least / 1e6, most[tid] / 1e6) : "")
	}
	result("every thread has its own name", misnamed)
	result("each thread by itself", all)
}
