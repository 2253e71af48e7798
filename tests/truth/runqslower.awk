# SPDX-License-Identifier: MIT
# Compares what runq_load printed (first file) with the rows "pid task prev_pid prev_task delta_us time"
# (second file).
# Variables: label; only: the one thread there may be rows of, or 0; min_us; hidden: switches that the kernel showed to no program; lag_ns; ecli: process id
# of the runner.
#
# Each wait for itself. No row may be longer than the time that the thread itself was without the CPU. The scheduler's own number is
# within lag_ns of nearly every row: it reads its clock some microseconds before it tells of a wakeup or a switch, or, when a woken thread takes the CPU
# at once, uses one reading for both. Nearly: what stops a CPU between the two, such as its host, does so once in thousands.
function result(what, wrong) { print (wrong ? "not ok " : "ok ") label ": " what (wrong ? " - " wrong : "") }

function abs(x) { return x < 0 ? -x : x }

# Waits that begin with the scheduler's number FIRST: until there are as many rows as it counted, for a wait may end between two readings
# of the numbers. Returns how many of its numbers that takes, or 0.
function together(tid, first,    i) {
	ns = count = most = us = rows_of = 0
	for (i = first; i <= n[tid] && i < first + 3; i++) {
		ns += waited[tid, i]; count += counted[tid, i]; most += longest[tid, i]
		us += row_us[tid, i]; rows_of += row_count[tid, i]
		if (rows_of == count)
			return i - first + 1
	}
	ns = waited[tid, first]; count = counted[tid, first]; rows_of = row_count[tid, first]
	return 0
}

function judge_thread(tid,    i, taken, exact, near, missing, extra, what) {
	what = name[tid] " waited as long as the scheduler says"
	for (i = 1; i <= n[tid]; i += taken ? taken : 1) {
		taken = together(tid, i)
		if (!taken) {
			if (rows_of < count) missing += count - rows_of; else extra += rows_of - count
			continue
		}
		if (!count)
			continue
		exact++; sum_ns += ns; sum_us += us
		if (us * 1000 > most) {
			result(what, us " us in a row, but it was without the CPU for only " most / 1000 " us")
			return
		}
		if (abs(us * 1000 - ns) <= count * (lag_ns + 1000)) near++
		else far = far sprintf(" %d (%.0f)", us, ns / 1000)
	}
	printf "# %s %s: %d waits, %.3f ms in the rows, scheduler %.3f ms; %d of them differ by more than %d us%s; %d without a row (%d switches were hidden), %d without a number\n",
		label, name[tid], exact, sum_us / 1e3, sum_ns / 1e6, exact - near, lag_ns / 1000, far, missing, hidden, extra > "/dev/stderr"
	# One may end behind the last reading. A thread that is interrupted on its way to sleep waits, too, but not for the scheduler.
	if (missing > hidden + 1)
		result(what, missing " waits are not in the rows, of " exact + missing "; " hidden " at most were hidden from the tool")
	else if (extra > 1 + n[tid] / 50)
		result(what, extra " rows too many, for " exact " waits")
	else if (exact < 20)
		result(what, "only " exact + 0 " waits can be compared")
	else
		result(what, near < exact * 0.9 ? sprintf("%d of %d waits differ by more than %d us; us (there):%s", exact - near, exact, lag_ns / 1000, substr(far, 1, 300)) : "")
}

# With a lower limit: single waits that are clearly longer have a row.
function judge_limit(    key, tid, long, absent) {
	for (key in waited) {
		if (counted[key] != 1 || waited[key] < min_us * 1000 + lag_ns) continue
		long++
		if (!row_count[key]) absent++
	}
	result("waits of at least " min_us " us", long < 20 ? long + 0 " such waits" : absent > hidden + long / 10 ? absent " of " long " have no row" : "")
	result("only waits of at least " min_us " us", !rows ? "no rows" : short)
}

FNR == NR && $1 == "process" { name[$2] = "main"; next }
FNR == NR && $1 == "thread" { name[$3] = $2; next }
FNR == NR && $1 == "wait" {
	i = ++n[$2]
	from[$2, i] = $3; to[$2, i] = $4; waited[$2, i] = $5; counted[$2, i] = $6; longest[$2, i] = $7
	next
}
FNR == NR { next }
{
	rows++
	if ($1 == 0) idle++
	if ($1 == ecli || $3 == ecli) own++
	if (only && $1 != only || filtered && !($1 in name)) others = $0
	if ($5 < min_us) short = $0
	if ($5 > 60000000) absurd = $0
	if ($1 in name && $2 != name[$1] || $3 in name && $4 != name[$3]) misnamed = $0
	if ($1 == $3) same = $0
	if (!($1 in n)) next
	if (!at[$1]) at[$1] = 1
	while (at[$1] <= n[$1] && $6 >= to[$1, at[$1]]) at[$1]++
	if (at[$1] <= n[$1] && $6 >= from[$1, at[$1]]) {
		row_us[$1, at[$1]] += $5
		row_count[$1, at[$1]]++
	}
}
END {
	if (min_us)
		judge_limit()
	else for (tid in n)
		if (!only || tid == only) {
			sum_ns = sum_us = 0; far = ""
			judge_thread(tid)
		}
	result("every thread has its own name", misnamed)
	result("possible values only", idle ? "the idle task waits" : absurd ? absurd : same)
	if (only || filtered)
		result("no rows of others", others)
	else
		result("the runner is there with --trace-self", min_us || own ? "" : "no rows of its own")
}
