# SPDX-License-Identifier: MIT
#
# Lines of tests that wait by the clock or read it, but for those with a reason (reasons.awk).

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
	if (is_wait(line, is_c))
		want_reason($0, line)
}
