# SPDX-License-Identifier: MIT
# Compares what runq_load printed (first file) with the lines "time pid comm from to count" of runqlat (second file).
# Variables: label; unit: nanoseconds in one of the histogram's; percent.
function result(what, wrong) { print (wrong ? "not ok " : "ok ") label ": " what (wrong ? " - " wrong : "") }

FNR == NR && $1 == "thread" { name[$3] = $2; next }
FNR == NR && $1 == "waited" { waited[$3] = $4; next }
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
		# 5 ms for the wait that is open when the tool, or the workload, begins or ends to count.
		slack = waited[tid] * percent / 100 + 5e6
		result(name[tid] " waited as long as the scheduler says", !count[tid] || low[tid] > waited[tid] + slack || high[tid] < waited[tid] - slack ? \
			sprintf("%d waits of %.1f to %.1f ms in all, %.1f ms there", count[tid], low[tid] / 1e6, high[tid] / 1e6, waited[tid] / 1e6) : "")
	}
	result("every thread has its own name", misnamed)
	result("each thread by itself", all)
}
