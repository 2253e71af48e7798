# SPDX-License-Identifier: MIT
# What run.sh measured, as the tables of docs/performance.md. -v part=NAME: which of its parts the input is.
BEGIN {
	FS = "\t"
	n_rates = split("100k 1M 3M 6M 0", rates, " ")
	rate_name["100k"] = "0.1 M/s"; rate_name["1M"] = "1 M/s"; rate_name["3M"] = "3 M/s"; rate_name["6M"] = "6 M/s"
	rate_name["0"] = "unlimited"
	n_readers = split("table plain json table-disk table-perf json-perf stdio-ring stdio-perf bpftrace", readers, " ")
	reader_name["table"] = "ecli, table"; reader_name["plain"] = "ecli, plain"; reader_name["json"] = "ecli, JSON"
	reader_name["table-disk"] = "ecli, table, file on disk"
	reader_name["table-perf"] = "ecli, table, perf buffer"; reader_name["json-perf"] = "ecli, JSON, perf buffer"
	reader_name["stdio-ring"] = "libbpf and stdio"; reader_name["stdio-perf"] = "libbpf and stdio, perf buffer"
	reader_name["bpftrace"] = "bpftrace"
}

function median(array, key, count,    i, j, t, a) {
	for (i = 1; i <= count; i++)
		a[i] = array[key, i]
	for (i = 2; i <= count; i++)
		for (j = i; j > 1 && a[j - 1] > a[j]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
	return count % 2 ? a[(count + 1) / 2] : (a[count / 2] + a[count / 2 + 1]) / 2
}

# NAME, paced or not, offered M/s, produced, delivered, lost, verdict, user ns, kernel ns, CPU %, three latencies
function take(key, at) {
	n[key]++
	offered[key, n[key]] = $(at + 2)
	delivered[key, n[key]] = $(at + 2) * $(at + 4) / ($(at + 3) ? $(at + 3) : 1)
	total[key, n[key]] = $(at + 7) + $(at + 8)
	user[key] += $(at + 7)
	both[key] += $(at + 7) + $(at + 8)
	cpu[key, n[key]] = $(at + 9)
	for (i = 0; i < 3; i++)
		late[key, i, n[key]] = $(at + 10 + i)
	storms[$at]++
	if ($(at + 6) == "exact" || $(at + 6) == "none")
		exact[$at]++
	else if ($(at + 6) ~ /^wrong/)
		wrong = wrong sprintf("- **%s**: %s\n", reader_name[$at], $(at + 6))
}
function cell_delivered(key) {
	return n[key] ? sprintf("%.2f of %.2f", median(delivered, key, n[key]), median(offered, key, n[key])) : ""
}
function cell_cpu(key,    t) {
	if (!n[key])
		return ""
	t = median(total, key, n[key])
	return both[key] ? sprintf("%.0f + %.0f", t * user[key] / both[key], t * (1 - user[key] / both[key])) : "0"
}
function storm_table(title, what,    i, j, row, key) {
	printf "%s\n\n| reader |", title
	for (j = 1; j <= n_rates; j++)
		printf " %s |", rate_name[rates[j]]
	printf "\n|---|---|---|---|---|---|\n"
	for (i = 1; i <= n_readers; i++) {
		row = ""
		for (j = 1; j <= n_rates; j++) {
			key = rates[j] SUBSEP readers[i]
			row = row sprintf(" %s |", readers[i] in storms ? (what == "cpu" ? cell_cpu(key) : cell_delivered(key)) : "not installed")
		}
		printf "| %s |%s\n", reader_name[readers[i]], row
	}
	print ""
}
function ratio(other,    key) {
	key = "0" SUBSEP other
	if (n[key] && median(delivered, key, n[key]) > 0)
		printf "- At full speed ecli's table delivers %.1f times what %s delivers.\n",
			median(delivered, "0" SUBSEP "table", n["0" SUBSEP "table"]) / median(delivered, key, n[key]), reader_name[other]
}

# MAP, rate or what else, and the line of a storm
function wake_cell(map, what, side,    key) {
	key = map SUBSEP what SUBSEP side
	if (!n[key])
		return "-"
	if (what == "lone")
		return sprintf("%.1f ms", median(late, key SUBSEP 2, n[key]))
	if (what == "burst")
		return sprintf("%d lost", median(lost, key, n[key]))
	return sprintf("%.0f", median(switches, key, n[key])) (median(lost, key, n[key]) ? sprintf(", %.1f %% lost",
		median(lost, key, n[key]) * 100 / median(made, key, n[key])) : "")
}
function wake_table(    i, j, m, count, whats, names, sides, n_sides, maps) {
	count = split("24 1k 10k 100k 3M 0 burst lone", whats, " ")
	split("24|1,000|10,000|100,000|3 M|unlimited|20 ms at full rate, from rest|a lone row is visible after (worst)", names, "|")
	split("ring perf", maps, " ")
	n_sides = split(("base" in storms) ? "base this" : "this", sides, " ")
	printf "| events a second |"
	for (m = 1; m <= 2; m++)
		for (j = 1; j <= n_sides; j++)
			printf " %s buffer%s |", maps[m], sides[j] == "base" ? ", before" : ""
	printf "\n|---|"
	for (j = 1; j <= 2 * n_sides; j++)
		printf "---|"
	print ""
	for (i = 1; i <= count; i++) {
		printf "| %s |", names[i]
		for (m = 1; m <= 2; m++)
			for (j = 1; j <= n_sides; j++)
				printf " %s |", wake_cell(maps[m], whats[i], sides[j])
		print ""
	}
}

part == "storms" { take($1 SUBSEP $2, 2) }
part == "latency" { take($1, 1) }
part == "wakeups" {
	take($1 SUBSEP $2 SUBSEP $3, 3)
	key = $1 SUBSEP $2 SUBSEP $3
	made[key, n[key]] = $6
	lost[key, n[key]] = $8
	switches[key, n[key]] = $16
}
part == "cost" { cost[$1, ++n[$1]] = $2 " " $3 " " $4 " " $5 }
part == "rendering" || part == "startup" || part == "ends" || part == "compile" || part == "symbols" || part == "profile" { text = text $0 "\n" }

END {
	if (part == "storms") {
		storm_table("Millions of rows a second, delivered of offered:", "delivered")
		storm_table("CPU time of the reader for each row, user + kernel, in ns:", "cpu")
		for (i = 1; i <= n_readers; i++)
			if (readers[i] !~ /stdio/ && readers[i] in storms)
				printf "- %s: in %d of %d storms rows and told losses are exactly what was made.\n", reader_name[readers[i]],
					exact[readers[i]], storms[readers[i]]
		printf "%s", wrong
		ratio("stdio-ring")
		ratio("bpftrace")
	} else if (part == "latency") {
		print "| reader | CPU, % of one | visible after: median | 99 % | worst |\n|---|---|---|---|---|"
		for (i = 1; i <= n_readers; i++) {
			key = readers[i]
			if (n[key])
				printf "| %s | %.1f | %.2f ms | %.2f ms | %.2f ms |\n", reader_name[key], median(cpu, key, n[key]),
					median(late, key SUBSEP 0, n[key]), median(late, key SUBSEP 1, n[key]), median(late, key SUBSEP 2, n[key])
			else if (key == "bpftrace")
				printf "| %s | not installed | | | |\n", reader_name[key]
		}
		printf "%s", wrong
	} else if (part == "wakeups") {
		wake_table()
		printf "%s", wrong
	} else if (part == "cost") {
		print "| runqslower | a switch | a wake-up | both | of libbpf-tools' |\n|---|---|---|---|---|"
		for (j = 1; j <= 2; j++) {
			choice = j == 1 ? "typed" : "raw"
			split(cost[choice, 1], a, " ")
			split(cost[choice, 2], b, " ")
			split(cost[choice, 3], c, " ")
			printf "| ours, %s | %.0f ns | %.0f ns | %.0f ns | %s |\n", choice == "typed" ? "`tp_btf`" : "`raw_tp`", a[1], a[2], a[3],
				(n[choice] > 1 ? sprintf("%.2f", c[3]) : "not installed")
			if (n[choice] > 1)
				printf "| libbpf-tools, beside it | %.0f ns | %.0f ns | %.0f ns | 1 |\n", b[1], b[2], b[3]
		}
	} else {
		printf "```text\n%s```\n", text
	}
}
