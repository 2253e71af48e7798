# SPDX-License-Identifier: MIT
# Compares "NAME COUNT" of the kernel, read before ecli, when it was ready, before its end and after it (four files), with the rows
# "name count total_ns max_ns" (fifth file). Variables: label; counts_only: times must be 0; hidden: of how many of them the kernel told no program.
function result(text, wrong) { print (wrong ? "not ok " : "ok ") label ": " text (wrong ? " - " wrong : "") }

FNR == 1 { file++ }
file == 1 { most[$1] -= $2 }
file == 2 { least[$1] -= $2 }
file == 3 { least[$1] += $2 }
file == 4 { most[$1] += $2 }
file == 5 {
	if ($1 in count) twice = twice " " $1
	count[$1] = $2
	rows++
	if ($1 in most && (counts_only ? $3 || $4 : !$3 || $4 > $3 || $3 > $2 * 1e9)) times = times " (" $0 ")"
}
END {
	for (name in most) {
		seen += count[name]
		if (count[name] + 0 < least[name]) {
			missing += least[name] - count[name]
			few = few " " name " " count[name] + 0 " and not " least[name]
		}
		if (count[name] + 0 > most[name])
			wrong = wrong " " name " " count[name] + 0 " and not " most[name] " at most"
	}
	if (missing > hidden) wrong = wrong few " (" hidden " in all were hidden from the tool)"
	printf "# %s: %d seen, %d missing, %d hidden\n", label, seen, missing, hidden > "/dev/stderr"
	result("as many as the kernel counts", wrong)
	result("something happened, each kind once", !rows || !seen ? "nothing" : twice)
	result(counts_only ? "no times" : "times", times)
}
