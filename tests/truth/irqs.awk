# SPDX-License-Identifier: MIT
# Compares "NAME COUNT" of the kernel, read before ecli, when it was ready, before its end and after it (four files), with the rows
# "name count total_ns max_ns" (fifth file). Variables: label; counts_only: times must be 0; missed: per cent of them in
# which the kernel may run no programs, for they interrupt a process of its host.
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
		slack = missed ? least[name] * missed / 100 + 5 : 0
		if (count[name] + 0 < least[name] - slack || count[name] + 0 > most[name])
			wrong = wrong " " name " " count[name] + 0 " and not " least[name] " to " most[name]
	}
	result("as many as the kernel counts", wrong)
	result("something happened, each kind once", !rows || !seen ? "nothing" : twice)
	result(counts_only ? "no times" : "times", times)
}
