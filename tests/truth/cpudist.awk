# SPDX-License-Identifier: MIT
# Compares what cpu_load printed (first file) with the lines "time pid comm from to count" of cpudist (second file).
# Variables: label; unit: nanoseconds in one of the histogram's; what: on or off; hidden: switches that the kernel showed to no program; switch_ns: so far apart
# may the moments be at which scheduler and tool see a switch, on average.
#
# On a CPU: no shorter than the scheduler says, which leaves out the time that a host took; no longer than what is left of the thread's life when it
# slept and waited. Off the CPU: the other way round.
function result(text, wrong) { print (wrong ? "not ok " : "ok ") label ": " text (wrong ? " - " wrong : "") }

FNR == NR && $1 == "ran" {
	name[$3] = $2; turns[$3] = $9
	least[$3] = what == "on" ? $4 : $6 + $7
	most[$3] = what == "on" ? $8 - $5 - $7 : $8 - $4
	next
}
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
		# All turns have ended when they are counted; the last pause has not.
		missing = turns[tid] - count[tid] - (what == "off")
		result(name[tid] " has " what "-CPU times as often as it was switched", missing < 0 || missing > hidden ? \
			count[tid] + 0 " and not " turns[tid] " (" hidden " switches were hidden)" : "")
		slack = turns[tid] * switch_ns + 1e6
		printf "# %s %s: %.1f to %.1f ms in %d times, %.1f to %.1f ms in %d there; %d switches were hidden\n", label, name[tid], low[tid] / 1e6, high[tid] / 1e6, count[tid],
			least[tid] / 1e6, most[tid] / 1e6, turns[tid], hidden > "/dev/stderr"
		# Nothing says how long those were that are missing.
		few = !missing && high[tid] < least[tid] - slack
		result(name[tid] " was " what " a CPU as long as the scheduler says", low[tid] > most[tid] + slack || few ? \
			sprintf("%.1f to %.1f ms in %d times, %.1f to %.1f ms there", low[tid] / 1e6, high[tid] / 1e6, count[tid], least[tid] / 1e6, most[tid] / 1e6) : "")
	}
	result("every thread has its own name", misnamed)
}
