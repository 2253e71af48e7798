# SPDX-License-Identifier: MIT
# Compares what exit_load printed (first file) with the rows "time pid ppid exit_code signal_raw core_dumped duration_ns comm"
# (second file). As many of them may be missing as the kernel said it left out ("missed"). Prints one result line for each case.
function complain(name, text) { why[name] = why[name] (why[name] ? "; " : "") text }

FNR == NR && $1 == "self" { self = $2; next }
FNR == NR {
	name[$2] = $1
	exact[$2] = $3 " " $4 " " $5 " " $6 " " $11
	shortest[$2] = $7; longest[$2] = $8; from[$2] = $9; to[$2] = $10
	if (!($1 in seen)) { seen[$1]; order[++cases] = $1 }
	next
}
$2 in name {
	n = name[$2]
	if (++rows[$2] > 1)
		complain(n, "more than one row for process " $2)
	if ($3 " " $4 " " $5 " " $6 " " $8 != exact[$2])
		complain(n, "process " $2 " shown as (" $3 " " $4 " " $5 " " $6 " " $8 "), is (" exact[$2] ")")
	if ($7 < shortest[$2] || $7 > longest[$2])
		complain(n, "process " $2 " lived " $7 " ns, not between " shortest[$2] " and " longest[$2])
	# Two clocks are compared here, the kernel's and the one the runner converted to: a millisecond between them is fine.
	if ($1 < from[$2] - 1000 || $1 > to[$2] + 1000)
		complain(n, "process " $2 " ended at " $1 " us, not between " from[$2] " and " to[$2])
	next
}
$3 == self || $3 in name { extra = extra " (" $0 ")" }

END {
	for (pid in name)
		if (!rows[pid] && --missed < 0)
			complain(name[pid], "no row for process " pid)
	for (i = 1; i <= cases; i++)
		print (why[order[i]] ? "not ok " : "ok ") label ": " order[i] (why[order[i]] ? " - " why[order[i]] : "")
	print (extra ? "not ok " : "ok ") label ": nothing else" (extra ? " - rows for what was no process:" extra : "")
}
