# SPDX-License-Identifier: MIT
#
# Lines of tests that wait by the clock or read it, but for those with a reason: `file | part of the line | why` in the file `reasons`; the
# part `*` is every line.

BEGIN {
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

function is_wait(line, is_c)
{
	if (is_c)
		return line ~ /(^|[^A-Za-z0-9_])(sleep|usleep|nanosleep|clock_nanosleep|alarm|ualarm|setitimer)[ \t]*\(/
	return line ~ /(^|[^A-Za-z0-9_.-])(sleep|usleep|timeout)([^A-Za-z0-9_.:=-]|$)/ ||
		line ~ /([$({]SECONDS|EPOCHREALTIME|EPOCHSECONDS|setTimeout|date (-u )?'?"?\+%s|\/proc\/uptime|read .*-t[ 0-9])/
}

{
	is_c = FILENAME ~ /\.[ch]$/
	if ((is_c && $0 ~ /^[ \t]*(\/\*|\*|\/\/)/) || (!is_c && $0 ~ /^[ \t]*#/))
		next
	line = $0
	if (is_c)
		sub(/\/\*.*\*\/$/, "", line)
	else
		sub(/[ \t]# .*$/, "", line)
	gsub(/\\?"sleep\\?"/, "", line) # a program's name among rows
	if (!is_wait(line, is_c))
		next
	excused = 0
	for (i = 1; i <= n; i++)
		if (file[i] == FILENAME && (text[i] == "*" || index($0, text[i])))
			excused = used[i] = 1
	if (!excused) {
		sub(/^[ \t]+/, "", line)
		printf "%s:%d: no reason in waits.txt for: %s\n", FILENAME, FNR, line
		bad = 1
	}
}

END {
	for (i = 1; i <= n; i++)
		if (!used[i]) {
			printf "%s:%d: there is no such line any more: %s | %s\n", reasons, number[i], file[i], text[i]
			bad = 1
		}
	exit bad
}
