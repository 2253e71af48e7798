# SPDX-License-Identifier: MIT
#
# Lines that need a reason: the file `reasons` has one for each, `file | part of the line | why`; the part `*` is every line, a file that ends in "/"
# is all below that folder. Used with a file of rules (waits.awk, opens.awk), which calls want_reason() for each line that needs one. A reason for
# what is no longer there goes, too.

BEGIN {
	reasons_name = reasons
	sub(/.*\//, "", reasons_name)
	while ((getline line < reasons) > 0) {
		at++
		if (line ~ /^(#|$)/)
			continue
		first = index(line, " | ")
		rest = substr(line, first + 3)
		for (last = 0; (next_one = index(substr(rest, last + 1), " | ")) > 0; )
			last += next_one
		if (!first || !last || rest !~ / \| .*[^ ]/) {
			printf "%s:%d: a line is: file | part of the line | why: %s\n", reasons, at, line
			bad = 1
			continue
		}
		n++
		number[n] = at
		file[n] = substr(line, 1, first - 1)
		text[n] = substr(rest, 1, last - 1)
	}
}

function is_of(name, where)
{
	return name == where || (where ~ /\/$/ && index(name, where) == 1)
}

# The line, and what of it is shown.
function want_reason(whole, shown, i, excused)
{
	for (i = 1; i <= n; i++)
		if (is_of(FILENAME, file[i]) && (text[i] == "*" || index(whole, text[i])))
			excused = used[i] = 1
	if (excused)
		return
	sub(/^[ \t]+/, "", shown)
	printf "%s:%d: no reason in %s for: %s\n", FILENAME, FNR, reasons_name, shown
	bad = 1
}

END {
	for (i = 1; i <= n; i++)
		if (!used[i]) {
			printf "%s:%d: there is no such line any more: %s | %s\n", reasons, number[i], file[i], text[i]
			bad = 1
		}
	exit bad
}
