# SPDX-License-Identifier: MIT
# Compares what cpu_load printed (first file) with the lines "time pid comm from to count" of cpudist (second file).
# Variables: label; unit: nanoseconds in one of the histogram's; what: on or off; percent; missed: per cent of the switches; switch_ns: what a switch may take, which
# the scheduler counts as the thread's time, while the tool, called within it, sees a part of it as nobody's.
function result(text, wrong) { print (wrong ? "not ok " : "ok ") label ": " text (wrong ? " - " wrong : "") }

FNR == NR && $1 == "ran" { name[$3] = $2; turns[$3] = $5; length_ns[$3] = what == "on" ? $4 : $6 - $4; next }
FNR == NR && $1 == "thread" { thread[$3] = $2; next }
FNR == NR { next }
$1 == "time" { header = $0; next }
{
	lines++
	if (NF != 6 || $4 > $5 || $6 < 0) odd = $0
	if ($2 in thread && $3 != thread[$2]) misnamed = $0
	low[$2] += $4 * $6 * unit
	high[$2] += ($5 + 1) * $6 * unit
	count[$2] += $6
}
END {
	result("lines of buckets", header != "time pid comm from to count" ? "header " header : !lines ? "no lines" : odd)
	for (tid in name) {
		# A thread waits between two looks at it: what is under way when the tool begins or ends is not counted. That is one
		# pause, or none; turns have all ended. Where "missed" is not 0, the kernel runs no programs in some processes of its host: what
		# begins behind one of those is not seen.
		result(name[tid] " has " what "-CPU times as often as it was switched", count[tid] > turns[tid] + 1 || count[tid] < turns[tid] * (1 - missed / 100) - 2 ? count[tid] + 0 " and not " turns[tid] : "")
		slack = length_ns[tid] * percent / 100 + 5e6 + (what == "off" ? 100e6 : turns[tid] * switch_ns)
		result(name[tid] " was " what " a CPU as long as the scheduler says", low[tid] > length_ns[tid] + slack || high[tid] < length_ns[tid] - slack ? \
			sprintf("%.1f to %.1f ms in %d turns, %.1f ms there", low[tid] / 1e6, high[tid] / 1e6, turns[tid], length_ns[tid] / 1e6) : "")
	}
	result("every thread has its own name", misnamed)
}
